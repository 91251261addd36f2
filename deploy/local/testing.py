"""A broker and a database of their own for tests, on free ports and in a folder of the test's."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local.free_ports import free_port
from deploy.local.processes.child import Child, run_to_end, stop
from deploy.local.servers import kafka_jars
from deploy.local.servers.kafka import KafkaBroker
from deploy.local.servers.postgres import PostgresServer
from deploy.local.servers.servers import Server, wait_until_ready

READY_SECONDS = 60.0  # of standing still


class RunningServer:
    """A server that a test may end, freeze and start again. Call `start` in the main thread. The others may
    run in another thread, so that an event loop goes on meanwhile.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self.prepare()
        self.start()

    def prepare(self) -> None:
        self._server.prepare(lambda program, seconds: run_to_end(program, seconds=seconds))

    def start(self) -> None:
        self.child = Child(self._server.program())

    def wait_until_ready(self) -> None:
        wait_until_ready(self.child, self._server.is_ready, seconds=READY_SECONDS)

    def stop(self) -> None:
        stop([self.child])


@contextmanager
def kafka_broker(folder: Path) -> Iterator[tuple[KafkaBroker, RunningServer]]:
    broker = KafkaBroker(
        folder=folder / "kafka",
        log=folder / "kafka.log",
        client_port=free_port(),
        controller_port=free_port(),
        jars=kafka_jars.default_cache(),
    )
    with _running(broker) as running:
        yield broker, running


@contextmanager
def postgres_server(folder: Path) -> Iterator[tuple[PostgresServer, RunningServer]]:
    server = PostgresServer(folder / "postgres", folder / "postgres.log", free_port())
    with _running(server) as running:
        yield server, running


@contextmanager
def _running(server: Server) -> Iterator[RunningServer]:
    running = RunningServer(server)
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.stop()
