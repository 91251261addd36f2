"""One simulated world: status' engines over Postgres, the notifier's handler, and all that is around them."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast
from uuid import UUID

import asyncpg
from cryptography.fernet import Fernet
from pydantic import SecretStr

from chaos.simulation.crash import TRAP, TrappedConnection
from chaos.simulation.outside import Hosts, Receivers
from chaos.simulation.processors import Processors
from chaos.simulation.topics import Message, Reader, Topics
from chaos.simulation.virtual_time import SimulatedTime
from services.notifier.deliveries import DeliveryEvent
from services.notifier.handler import Dependencies
from services.notifier.handler import handle as notify
from services.notifier.receivers import Receivers as NotifiersReceivers
from services.status.cleanup.periods import Periods
from services.status.engine import Engine, Lags, build_engine
from services.status.postgres.pool import open_pool
from services.status.records.large_rows import LargeRows
from services.status.settings import Settings
from shared.consuming.handling import Incoming
from shared.contract.events import RequestCompleted, Topic, WebhookRetry
from shared.contract.targets import TargetKeyring
from shared.testing.fakes import FakeStore

# Each reads once a minute or less what nobody needs here, or walks through the store by real time.
LEFT_OUT = ("unknown files", "request files", "stuck", "full tenants", "periods", "expiry", "purge")
READ_BY_STATUS = ("intake", "results", "attempts")  # of the readers


class SimulatedStore(FakeStore):
    def _require(self) -> None:
        TRAP.moment()
        super()._require()


@dataclass(slots=True, kw_only=True)
class Universe:
    chance: random.Random
    time: SimulatedTime
    pool: asyncpg.Pool
    topics: Topics
    hosts: Hosts
    receivers: Receivers
    readers: dict[str, Reader]
    processors: Processors
    store: SimulatedStore = field(default_factory=SimulatedStore)
    keyring: TargetKeyring = field(
        default_factory=lambda: TargetKeyring([SecretStr(Fernet.generate_key().decode())])
    )
    engines: list[Engine] = field(default_factory=list)
    notifier: Dependencies = field(init=False)

    def __post_init__(self) -> None:
        self.engines = [self._new_engine() for _ in range(2)]
        self.restart_notifier()

    def _new_engine(self) -> Engine:
        lags = Lags(
            intake=self.readers["intake"].lag,
            processors=self.readers["processors"].lag,
            results=self.readers["results"].lag,
            notifiers=self.readers["notifiers"].lag,
            attempts=self.readers["attempts"].lag,
        )
        return build_engine(
            pool=self.pool,
            store=self.store,
            producer=self.topics,
            settings=_settings(),
            lags=lags,
            large_rows=LargeRows(),
        )

    def restart_status(self, number: int) -> None:
        """What it remembered is gone; its readers begin at their last commits."""
        self.engines[number] = self._new_engine()
        for name in READ_BY_STATUS:
            self.readers[name].crash()

    def restart_notifier(self) -> None:
        self.readers["notifiers"].crash()
        self.notifier = Dependencies(
            targets=self.keyring,
            master_keys=[SecretStr("whsec_" + "A" * 44)],
            poster=self.receivers,
            receivers=NotifiersReceivers(self.time.monotonic),
            allowed=(),
            now=lambda: self.time.now,
        )

    async def job(self, engine: int, name: str) -> bool:
        (job,) = [each for each in self.engines[engine].jobs if each.name == name]
        stopping = asyncio.Event()
        if name == "dispatcher":
            stopping.set()  # one pass and no more
        return await job.step(stopping)

    @property
    def jobs(self) -> list[str]:
        return [job.name for job in self.engines[0].jobs if job.name not in LEFT_OUT]

    async def handle(self, engine: int, messages: Sequence[Message]) -> None:
        topic = messages[0].topic
        assert topic is not None
        reader = self.engines[engine].readers[topic]
        await self.topics.publish(await reader.handle_batch(messages))

    async def deliver(self, message: Message) -> None:
        event = message.event  # of an end: as status stored it
        if not isinstance(event, WebhookRetry):
            event = RequestCompleted.model_validate_json(message.value)
        asked: Incoming[DeliveryEvent] = replace(cast("Any", message), event=event)
        await self.topics.publish(await notify(asked, self.notifier))

    async def row(self, request_id: UUID) -> Any:
        return await self.pool.fetchrow("SELECT * FROM requests WHERE id = $1", request_id)


def _settings() -> Settings:
    return Settings.model_validate(
        {
            "port": 8002,
            "kafka_bootstrap": "unused:1",
            "postgres_dsn": "postgresql://unused",
            "store_url": "file:///unused",
            "public_url": "http://status.example",
            "auth": "off",
        }
    )


@asynccontextmanager
async def open_universe(dsn: str, seed: int) -> AsyncIterator[Universe]:
    """Over a database of its own that is empty."""
    random.seed(seed)  # status spreads its retries by chance
    chance, time = random.Random(seed), SimulatedTime()
    topics = Topics(chance)
    readers = {
        "intake": Reader(topics, (Topic.CSV_ACCEPTED,)),
        "processors": Reader(topics, (Topic.IMAGE_REQUESTED,)),
        "results": Reader(topics, (Topic.IMAGE_DONE,)),
        "notifiers": Reader(topics, (Topic.REQUEST_COMPLETED, Topic.WEBHOOK_RETRY)),
        "attempts": Reader(topics, (Topic.WEBHOOK_ATTEMPTED,)),
    }
    hosts = Hosts(chance)
    processors = Processors(
        chance=chance, time=time, topics=topics, reader=readers["processors"], hosts=hosts
    )
    async with open_pool(dsn, connection_class=TrappedConnection) as pool:
        await pool.execute("TRUNCATE requests, images, products, answers, batches, store_marks CASCADE")
        await Periods(pool=pool, retention_days=0).make()
        await time.pass_by(0, pool)
        with time.rules():
            yield Universe(
                chance=chance,
                time=time,
                pool=pool,
                topics=topics,
                hosts=hosts,
                processors=processors,
                receivers=Receivers(chance),
                readers=readers,
            )
