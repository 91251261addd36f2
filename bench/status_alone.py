"""What the status service can do by itself, through a real broker and a real Postgres: how fast it plans, and
how many images a second it dispatches and completes when the processor does nothing.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg

from bench.announced import announce
from bench.cpu import cpu_by_part
from bench.figures import Figure, WrongResult, say
from bench.shop import Shop
from bench.stacks import Stacks
from deploy.local.own_stack import OwnStack
from shared.events import Priority

WARM_UP_IMAGES = 20_000
IMAGES = 100_000
FEWER_IMAGES = 50_000
LARGE_IMAGES = 1_000_000
SMALL_IMAGES = 20
RATE_SECONDS = 15.0
PATIENCE_SECONDS = 240.0
POLL_SECONDS = 0.05
STOP_SECONDS = 10.0

Condition = Callable[[], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Alone:
    stack: OwnStack
    tables: asyncpg.Pool

    async def row(self, request_id: UUID) -> Any:
        return await self.tables.fetchrow("SELECT * FROM requests WHERE id = $1", request_id)

    async def is_planned(self, request_id: UUID) -> bool:
        row = await self.row(request_id)
        return row is not None and row["planned_at"] is not None

    async def is_ended(self, request_id: UUID) -> bool:
        row = await self.row(request_id)
        return row is not None and row["completed_at"] is not None

    async def is_flowing(self, request_id: UUID) -> bool:
        row = await self.row(request_id)
        return row is not None and row["done"] > 0

    async def done(self) -> int:
        return int(await self.tables.fetchval("SELECT sum(done) FROM requests"))

    async def rate(self, seconds: float) -> float:
        """Images done a second, of all requests."""
        began, before = time.perf_counter(), await self.done()
        await asyncio.sleep(seconds)
        return (await self.done() - before) / (time.perf_counter() - began)

    def resident_megabytes(self) -> float:
        (pid,) = self.stack.endpoints["pids"]["status"]
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1024


@dataclass(slots=True)
class Memory:
    """How much larger the service has grown."""

    before_megabytes: float
    growth: float = 0.0

    def look(self, alone: Alone) -> None:
        self.growth = max(self.growth, alone.resident_megabytes() - self.before_megabytes)


def status_alone(_: Stacks, __: Shop) -> Sequence[Figure]:
    return asyncio.run(_with_a_stack(_alone))


def status_beside_a_million(_: Stacks, __: Shop) -> Sequence[Figure]:
    return asyncio.run(_with_a_stack(_beside_a_million))


async def _with_a_stack(measure: Callable[[Alone], Awaitable[Sequence[Figure]]]) -> Sequence[Figure]:
    with Stacks(processors=0).open() as stack:
        async with asyncpg.create_pool(stack.endpoints["postgres_dsn"], min_size=0, max_size=2) as tables:
            alone = Alone(stack, tables)
            with no_op_processor(stack):
                warm = await announce(stack, WARM_UP_IMAGES)
                await until(lambda: alone.is_ended(warm))
            return await measure(alone)


async def _alone(alone: Alone) -> Sequence[Figure]:
    planning = await _planning(alone)
    with no_op_processor(alone.stack):
        return [planning, await _throughput(alone, IMAGES, "status_alone_images_per_second")]


async def _beside_a_million(alone: Alone) -> Sequence[Figure]:
    with no_op_processor(alone.stack):
        await announce(alone.stack, FEWER_IMAGES)
        before = await _throughput(alone, FEWER_IMAGES, "status_images_per_second_before")
        memory = Memory(alone.resident_megabytes())
        say(f"planning {LARGE_IMAGES} images")
        large = await announce(alone.stack, LARGE_IMAGES, priority=Priority.BULK)
        while_planning = await _while_planning(alone, large)
    # Nothing is answered until all is planned: planning has the machine.
    await until(lambda: alone.is_planned(large), each_time=lambda: memory.look(alone))
    with no_op_processor(alone.stack), exporting(alone, large):
        await until(lambda: alone.is_flowing(large))
        rate = await alone.rate(RATE_SECONDS)
        memory.look(alone)
    about = {"ratio_to_before": rate / before.value, "wanted": 0.9}
    return [
        before,
        *while_planning,
        Figure("status_images_per_second_beside_a_million", rate, "images/s", about),
        Figure("status_memory_growth_megabytes", memory.growth, "MB", {"images": LARGE_IMAGES}),
    ]


async def _while_planning(alone: Alone, large: UUID) -> Sequence[Figure]:
    await until(lambda: alone.is_flowing(large))
    began = time.perf_counter()
    small = await announce(alone.stack, SMALL_IMAGES)
    await until(lambda: alone.is_ended(small))
    seconds = time.perf_counter() - began
    rate = await alone.rate(RATE_SECONDS / 3)
    if await alone.is_planned(large):
        raise WrongResult("it was planned before anything was measured")
    return [
        Figure("small_request_while_planning_seconds", seconds, "s", {"images": SMALL_IMAGES}),
        Figure("status_images_per_second_while_planning", rate, "images/s"),
    ]


async def _planning(alone: Alone) -> Figure:
    """From recorded to planned, on the database's clock, while nothing is answered."""
    say(f"planning {IMAGES} images")
    request_id = await announce(alone.stack, IMAGES)
    await until(lambda: alone.is_planned(request_id))
    row = await alone.row(request_id)
    seconds = (row["planned_at"] - row["recorded_at"]).total_seconds()
    return Figure("plan_100000_images_seconds", seconds, "s", {"wanted": 8})


async def _throughput(alone: Alone, wanted: int, name: str) -> Figure:
    """What was planned is dispatched and completed; the start and the last images are left out."""
    say(f"dispatching {wanted} images")
    before = await alone.done()

    async def share_done(share: float) -> None:
        async def reached() -> bool:
            return await alone.done() - before >= share * wanted

        await until(reached)

    await share_done(0.1)
    began, from_images, cpu_before = time.perf_counter(), await alone.done(), cpu_by_part(_pids(alone))
    await share_done(0.9)
    images = await alone.done() - from_images
    rate = images / (time.perf_counter() - began)
    cpu_after = cpu_by_part(_pids(alone))
    cpu = {part: (cpu_after[part] - cpu_before[part]) * 1000 / images for part in cpu_after}
    await share_done(1)
    return Figure(name, rate, "images/s", {"wanted": 2_500, "cpu_ms_by_part": cpu})


@contextmanager
def exporting(alone: Alone, request_id: UUID) -> Iterator[None]:
    """All products of the request as one JSON answer, again and again."""
    task = asyncio.create_task(_export(f"{alone.stack.endpoints['status_url']}/api/status/{request_id}"))
    try:
        yield
    finally:
        if task.done():
            raise WrongResult("the export ended")
        task.cancel()


async def _export(url: str) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_SECONDS)) as http:
        while True:
            async with http.get(url) as response:
                async for _ in response.content.iter_chunked(1 << 20):
                    pass


def _pids(alone: Alone) -> Any:
    return alone.stack.endpoints["pids"]


async def until(condition: Condition, each_time: Callable[[], None] = lambda: None) -> None:
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await condition():
                each_time()
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError:
        raise WrongResult(f"the status service was not done within {PATIENCE_SECONDS:.0f} s") from None


@contextmanager
def no_op_processor(stack: OwnStack) -> Iterator[None]:
    with subprocess.Popen(
        [sys.executable, "-m", "bench.no_op_processor", stack.endpoints["kafka_bootstrap"]],
        stdin=subprocess.PIPE,  # it ends with us: this pipe is closed even after a kill -9
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is our business
    ) as process:
        assert process.stdout is not None
        if process.stdout.readline().strip() != "ready":
            raise WrongResult("the no-op processor did not start")
        try:
            yield
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
