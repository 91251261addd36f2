"""The parts that keep data: their folders, on disks of their own where this machine allows it, and the two
servers. It knows no service.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chaos.live.world.broker import BrokerWithDoors, Door
from chaos.live.world.disk import CannotMount, Disk
from chaos.live.world.part import Part
from deploy.local.free_ports import free_port
from deploy.local.processes.child import run_to_end, stop
from deploy.local.servers import kafka_jars
from deploy.local.servers.postgres import PostgresServer
from deploy.local.servers.servers import wait_until_ready

READY_SECONDS = 90.0  # of standing still
ON_DISKS = ("store", "kafka", "postgres")


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    store: Path
    broker: BrokerWithDoors
    postgres: PostgresServer
    parts: Sequence[Part]  # Kafka and Postgres
    disks: Mapping[str, Disk]  # none where this machine lets us mount nothing


@contextmanager
def running_servers(folder: Path, doors: Sequence[Door], postgres_port: int) -> Iterator[Servers]:
    """Yields when both are ready."""
    disks = folder / "disks"
    with _mounted(disks) as mounted:
        broker = BrokerWithDoors(
            folder=disks / "kafka",
            log=folder / "logs" / "kafka.log",
            client_port=free_port(),
            controller_port=free_port(),
            jars=kafka_jars.default_cache(),
            doors=doors,
        )
        # Its own folder is closed to others, the disk is not.
        postgres = PostgresServer(
            disks / "postgres" / "server", folder / "logs" / "postgres.log", postgres_port
        )
        for server in (broker, postgres):
            server.prepare(lambda program, seconds: run_to_end(program, seconds=seconds))
        parts = [
            Part(name=name, role=name, program=server.program(), is_ready=server.is_ready)
            for name, server in (("kafka", broker), ("postgres", postgres))
        ]
        with _running(parts):
            yield Servers(store=disks / "store", broker=broker, postgres=postgres, parts=parts, disks=mounted)


@contextmanager
def _mounted(folder: Path) -> Iterator[Mapping[str, Disk]]:
    disks = {name: Disk(folder / name) for name in ON_DISKS}
    for disk in disks.values():
        disk.folder.mkdir(parents=True)
    mounted: dict[str, Disk] = {}
    try:
        for name, disk in disks.items():
            disk.mount()
            mounted[name] = disk
    except CannotMount:
        pass  # the folders do as well, and the faults of a full disk are left out
    try:
        yield mounted
    finally:
        for disk in mounted.values():
            disk.unmount()


@contextmanager
def _running(parts: Sequence[Part]) -> Iterator[None]:
    try:
        for part in parts:
            part.start()
        for part in parts:
            if part.child is not None:
                wait_until_ready(part.child, part.is_ready, seconds=READY_SECONDS)
        yield
    finally:
        stop([part.child for part in parts if part.child is not None])
