"""A PostgreSQL and a standby that follows it, from the same binaries as all others here."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos.live.world.process_tree import members
from deploy.local.free_ports import free_port
from deploy.local.processes.child import Program
from deploy.local.processes.processes import arguments_of
from deploy.local.servers.postgres import ROLE, SET_UP_SECONDS, PostgresServer
from deploy.local.servers.servers import RunToEnd
from deploy.local.testing import RunningServer


@dataclass(frozen=True, slots=True)
class Followed(PostgresServer):
    """Its role may copy it."""

    def _set_up(self, run: RunToEnd) -> None:
        PostgresServer._set_up(self, run)
        run(self._single(f"ALTER ROLE {ROLE} REPLICATION;"), SET_UP_SECONDS)
        with (self._data / "pg_hba.conf").open("a", encoding="ascii") as rules:
            rules.write(f"host replication {ROLE} 127.0.0.1/32 scram-sha-256\n")

    def _single(self, statement: str) -> Program:
        options = ("--single", "-D", str(self._data), "-c", "exit_on_error=on", "postgres")
        return self._program("postgres --single", "postgres", *options, given=f"{statement}\n")


@dataclass(frozen=True, slots=True)
class Standby(PostgresServer):
    primary: PostgresServer

    @property
    def dsn(self) -> str:
        return self.primary.dsn.replace(f":{self.primary.port}/", f":{self.port}/")

    def _set_up(self, run: RunToEnd) -> None:
        options = ("-d", self.primary.dsn, "-D", str(self._data), "-R", "-X", "stream", "-c", "fast")
        run(self._program("pg_basebackup", "pg_basebackup", *options), SET_UP_SECONDS)


@dataclass(frozen=True, slots=True)
class Pair:
    primary: PostgresServer
    standby: Standby
    running_standby: RunningServer

    def replaying_process(self) -> int:
        """Whoever reads what the primary sent."""
        children = members(self.running_standby.child.pid)
        (replaying,) = [pid for pid in children if any("startup" in each for each in arguments_of(pid))]
        return replaying


@contextmanager
def primary_and_standby(folder: Path) -> Iterator[Pair]:
    with ExitStack() as running:
        primary = Followed(folder / "primary", folder / "primary.log", free_port())
        _run(primary, running)
        standby = Standby(folder / "standby", folder / "standby.log", free_port(), primary)
        yield Pair(primary, standby, _run(standby, running))


def _run(server: PostgresServer, until_end: ExitStack) -> RunningServer:
    running = RunningServer(server)
    until_end.callback(running.stop)
    running.wait_until_ready()
    return running
