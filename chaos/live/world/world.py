"""Starts the world and ends it: Kafka, Postgres, and the services, each process behind links of its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from chaos.live.failpoints.asked import ASK
from chaos.live.failpoints.traps import Traps
from chaos.live.world.broker import BrokerWithDoors, Door
from chaos.live.world.disk import Disk
from chaos.live.world.link import Link, Pair
from chaos.live.world.part import Death, Part
from chaos.live.world.programs import SERVERS_OF, Programs, names, names_at_first, pairs, service_plan
from chaos.live.world.servers import Servers, running_servers
from deploy.local.free_ports import free_port
from deploy.local.processes.child import run_to_end, stop
from deploy.local.processes.patience import Patience
from deploy.local.services import STEP_SECONDS

READY_SECONDS = 90.0  # of standing still
LOOK_SECONDS = 0.1


class NotReady(Exception):  # noqa: N818 - a finding
    """Some part did not come back."""


@dataclass(slots=True, kw_only=True)
class World:
    """Who judges it takes `bootstrap`, `dsn` and `store`; callers take the URLs. None of them is a link."""

    folder: Path
    store: Path
    bootstrap: str
    dsn: str
    ingest_urls: Sequence[str]
    status_urls: Sequence[str]
    api_keys: Mapping[str, str]  # of each tenant
    broker: BrokerWithDoors
    parts: Mapping[str, Part]
    links: Mapping[Pair, Link]
    disks: Mapping[str, Disk]  # none where this machine lets us mount nothing
    traps: Traps
    deaths: list[Death] = field(default_factory=list)

    @property
    def services(self) -> list[Part]:
        """All parts but the servers, whether they are meant to run now or not."""
        return [part for part in self.parts.values() if part.role in SERVERS_OF]

    async def ready(self) -> None:
        """Returns when every part that is to run is ready; `NotReady` when one is not, and nothing moves."""
        patience = Patience(sessions=self._pids, seconds=READY_SECONDS)
        while late := await self._late():
            if cause := patience.exhausted():
                self._ask(late)
                raise NotReady(f"{', '.join(late)}: not ready, and {cause}")
            await asyncio.sleep(LOOK_SECONDS)

    def running(self, role: str) -> list[Part]:
        """The processes of a service that are meant to run now."""
        return [part for part in self.parts.values() if part.role == role and part.is_wanted]

    async def keep(self) -> None:
        """Starts again what dies, until it is cancelled."""
        while True:
            self.deaths += [death for part in self.parts.values() if (death := part.look())]
            await asyncio.sleep(LOOK_SECONDS)

    def _ask(self, late: Sequence[str]) -> None:
        """What they wait for stands in their logs then."""
        for part in self.services:
            if part.name in late:
                part.send(ASK)

    async def _late(self) -> list[str]:
        wanted = [part for part in self.parts.values() if part.is_wanted]
        ready = await asyncio.gather(*(asyncio.to_thread(part.is_ready) for part in wanted))
        return [part.name for part, is_ready in zip(wanted, ready, strict=True) if not is_ready]

    def _pids(self) -> list[int]:
        return [part.pid for part in self.parts.values() if part.is_wanted]


@asynccontextmanager
async def world(folder: Path, *, tenants: Sequence[str]) -> AsyncIterator[World]:
    """Yields when every service is ready. Enter it in the main thread, to which its processes belong."""
    postgres_port = free_port()
    links = {pair: _link(pair, postgres_port) for pair in pairs()}
    doors = [
        Door(pair.caller, link.target_port, link.port)
        for pair, link in links.items()
        if pair.server == "kafka"
    ]
    async with AsyncExitStack() as held:
        servers = held.enter_context(running_servers(folder, doors, postgres_port))
        for link in links.values():
            await link.open()
            held.push_async_callback(link.close)
        made = _made(folder, servers, links, tenants)
        held.push_async_callback(_stop_services, made)
        for name in names_at_first():
            made.parts[name].start()
        keeper = asyncio.create_task(made.keep())
        held.push_async_callback(_end, keeper)
        await made.ready()
        yield made


def _link(pair: Pair, postgres_port: int) -> Link:
    target_port = postgres_port if pair.server == "postgres" else free_port()
    return Link(port=free_port(), target_port=target_port)


def _made(
    folder: Path,
    servers: Servers,
    links: Mapping[Pair, Link],
    tenants: Sequence[str],
) -> World:
    ports = {name: free_port() for name in names()}
    traps = Traps(folder / "traps")
    traps.make()
    programs = Programs(
        plan=service_plan(folder, servers, public_url=f"http://127.0.0.1:{ports['status-0']}"),
        links=links,
        ports=ports,
        api_keys_file=folder / "api-keys.jsonl",
        traps=traps.folder,
    )
    for step in (programs.plan.migration(), programs.plan.topics()):
        run_to_end(step, seconds=STEP_SECONDS)
    services = [programs.part(name) for name in names()]
    return World(
        folder=folder,
        store=servers.store,
        bootstrap=servers.broker.bootstrap,
        dsn=servers.postgres.dsn,
        ingest_urls=[programs.url(part.name) for part in services if part.role == "ingest"],
        status_urls=[programs.url(part.name) for part in services if part.role == "status"],
        api_keys={tenant: programs.new_api_key(tenant) for tenant in tenants},
        broker=servers.broker,
        parts={part.name: part for part in (*servers.parts, *services)},
        links=links,
        disks=servers.disks,
        traps=traps,
    )


async def _end(keeper: asyncio.Task[None]) -> None:
    keeper.cancel()
    with suppress(asyncio.CancelledError):
        await keeper


async def _stop_services(made: World) -> None:
    """While they can still say goodbye to the servers."""
    await asyncio.to_thread(stop, [part.child for part in made.services if part.child is not None])
