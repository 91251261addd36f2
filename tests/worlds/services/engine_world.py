"""The status service's engine on a real Postgres, between a store and a broker in memory."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import asyncpg

from services.status.engine import Engine, Lags, build_engine
from services.status.jobs.lag import Lag
from services.status.jobs.runner import JobRunner
from services.status.postgres.pool import connected
from services.status.reading.reader import Reader
from services.status.reading.report_stream import Export, export_rows
from services.status.records.large_rows import LargeRows
from services.status.settings import Settings
from services.status.webhooks.announcer import StoredCompletion
from shared.consuming.handling import Outgoing
from shared.contract.events import (
    TARGET_HEADER,
    Event,
    ImageDone,
    ImageRequested,
)
from shared.contract.keys import rows_key
from shared.observing.health import Health
from shared.outcomes import Away
from shared.testing.fakes import FakeProducer, FakeStore, incoming
from shared.testing.request_rows import rows_file, rows_of
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.postgres.patient import patient_changes, patient_pool, patient_reads
from tests.worlds.services.engine_events import accepted
from tests.worlds.services.status_world import new_id

Answer = Callable[[ImageRequested], ImageDone | None]

SOMEBODY_ANSWERED = """
INSERT INTO answers VALUES (9, 1, 1, now()) ON CONFLICT (partition) DO UPDATE SET answered_at = now()
"""


def settings(**changes: Any) -> Settings:
    values = {
        "port": 8002,
        "kafka_bootstrap": "unused:1",
        "postgres_dsn": "postgresql://unused",
        "store_url": "file:///unused",
        "public_url": "http://status.example",
        "auth": "off",
    }
    return Settings.model_validate(values | changes)


@dataclass(kw_only=True)
class EngineWorld:
    """One status process: its engine, and what surrounds it."""

    pool: asyncpg.Pool
    engine: Engine
    store: FakeStore
    producer: FakeProducer
    health: Health
    waiting: "Waiting"
    answered: int = 0

    async def accept(
        self,
        products: Sequence[Sequence[str]],
        *,
        webhook: str | None = "https://shop.example/hook",
        with_rows: bool = True,
        **changes: Any,
    ) -> UUID:
        """What ingest does: the rows lie in the store, then csv.accepted comes."""
        request_id = changes.pop("request_id", None) or new_id(datetime.now(UTC))
        rows = rows_of(products)
        if with_rows:
            self.store.objects[rows_key(request_id)] = rows_file(rows)
        counts = {"products": len(rows), "images": sum(len(row["images"]) for row in rows)}
        event = accepted(request_id, **counts, webhook_url=webhook, **changes)
        await self.handle(event, headers={TARGET_HEADER: "sealed"} if webhook else {})
        return event.request_id

    async def handle(self, *events: Event, headers: Mapping[str, str] | None = None) -> None:
        """Hands the events of one topic to the engine, as one batch of a partition."""
        messages = [incoming(event, headers) for event in events]
        await self.engine.readers[events[0].TOPIC].handle_batch(messages)

    async def report_dead(self, event: Event) -> None:
        await self.engine.readers[event.TOPIC].report_dead(incoming(event))

    @asynccontextmanager
    async def running(self, answer: Answer | None = None) -> AsyncIterator[None]:
        """The engine's jobs, and a processor that gives these answers."""
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for job in self.engine.jobs:
                tasks.create_task(JobRunner(job, self.health, DEADLINE_SECONDS)(stopping))
            if answer is not None:
                tasks.create_task(self._process(answer, stopping))
            try:
                yield
            finally:
                stopping.set()

    async def _process(self, answer: Answer, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            if not await self.answer_new(answer):
                await asyncio.sleep(0.002)

    async def answer_new(self, answer: Answer) -> int:
        """Answers what was published since the last time."""
        new = self.producer.published[self.answered :]
        self.answered += len(new)
        requests = [each.event for each in new if isinstance(each.event, ImageRequested)]
        answers = [told for request in requests if (told := answer(request)) is not None]
        for start in range(0, len(answers), 500):
            await self.handle(*answers[start : start + 500])
        return len(requests)

    async def step(self, name: str) -> bool:
        """One step of one job, which does not wait for more to do."""
        (job,) = [job for job in self.engine.jobs if job.name == name]
        stopping = asyncio.Event()
        if name == "dispatcher":
            stopping.set()
        return await job.step(stopping)

    async def plan(self) -> None:
        while await self.step("planner (any)"):
            pass

    async def dispatch(self) -> list[ImageRequested]:
        """What the dispatcher releases now."""
        before = len(self.producer.events(ImageRequested))
        while await self.step("dispatcher"):
            pass
        return self.producer.events(ImageRequested)[before:]

    async def end(self) -> None:
        while await self.step("completer (any)"):
            pass
        while await self.step("announcer"):
            pass

    async def row(self, request_id: UUID) -> Any:
        async with connected(self.pool) as connection:
            return await connection.fetchrow("SELECT * FROM requests WHERE id = $1", request_id)

    async def output_csv(self, request_id: UUID) -> bytes:
        """As the API gives it: from the store, or made now for a run that was cancelled."""
        record = await self.reader.request(request_id)
        assert record is not None
        assert record.has_output
        if record.output_csv_path is not None:
            return self.store.objects[record.output_csv_path]
        rows = export_rows(self.reader, self.store, record, Export.OUTPUT)
        return b"".join([part async for part in rows])

    @property
    def reader(self) -> Reader:
        return Reader(patient_reads(self.pool), LargeRows())

    async def images(self, request_id: UUID) -> list[Any]:
        query = "SELECT * FROM images_now WHERE request_id = $1 ORDER BY ordinal"
        rows: list[Any] = await self.pool.fetch(query, request_id)
        return rows

    async def until_ended(self, request_id: UUID, run: int = 1) -> Any:
        """Connections that a trouble has broken are in the pool for a while."""
        async with asyncio.timeout(DEADLINE_SECONDS):
            while True:
                with suppress(Away):
                    row = await self.row(request_id)
                    if row["completed_at"] is not None and row["run"] == run:
                        return row
                await asyncio.sleep(0.02)

    def completions(self, request_id: UUID) -> list[Outgoing]:
        return [
            message
            for message in self.producer.published
            if isinstance(message.event, StoredCompletion) and message.event.request_id == request_id
        ]


@dataclass
class Waiting:
    """What the broker says of messages that nobody has finished yet: others always have some."""

    intake: int = 0
    processors: int = 1
    results: int = 0
    notifiers: int = 1
    attempts: int = 0

    def lags(self) -> Lags:
        return Lags(**{each.name: self._lag(each.name) for each in fields(self)})

    def _lag(self, name: str) -> Lag:
        async def lag() -> int:
            messages: int = getattr(self, name)
            return messages

        return lag


@asynccontextmanager
async def open_engine(
    dsn: str, *, store: FakeStore | None = None, intake_lag: int = 0, **changes: Any
) -> AsyncIterator[EngineWorld]:
    async with AsyncExitStack() as opened:
        pool = await opened.enter_async_context(patient_pool(dsn))
        opened.enter_context(patient_changes())
        producer, health, waiting = FakeProducer(), Health(), Waiting(intake=intake_lag)
        store = store or FakeStore()
        engine = build_engine(
            pool=pool,
            store=store,
            producer=producer,
            settings=settings(**changes),
            lags=waiting.lags(),
            large_rows=LargeRows(),
        )
        yield EngineWorld(
            pool=pool, engine=engine, store=store, producer=producer, health=health, waiting=waiting
        )


async def empty(pool: asyncpg.Pool) -> None:
    await pool.execute("TRUNCATE requests, images, products, answers, batches, store_marks CASCADE")
