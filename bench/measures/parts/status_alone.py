"""What the status service can do by itself, through a real broker and a real Postgres: how fast it plans, and
how many images a second it dispatches and completes when the processor does nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import aiohttp

from bench.figures import Figure, WrongResult, say
from bench.instruments.cpu import cpu_by_part, ms_per_image
from bench.instruments.status_tables import PATIENCE_SECONDS, StatusTables, open_tables, until
from bench.world.announced import announce
from bench.world.helper import helper
from bench.world.shop import Shop
from bench.world.stacks import Stacks
from deploy.local.own_stack import OwnStack
from shared.contract.events import Priority

WARM_UP_IMAGES = 20_000
IMAGES = 100_000
FEWER_IMAGES = 50_000
LARGE_IMAGES = 1_000_000
SMALL_IMAGES = 20
RATE_SECONDS = 15.0


@dataclass(slots=True)
class Memory:
    """How much larger the service has grown."""

    before_mebibytes: float
    growth: float = 0.0

    def look(self, tables: StatusTables) -> None:
        self.growth = max(self.growth, tables.resident_mebibytes() - self.before_mebibytes)


def status_alone(_: Stacks, __: Shop) -> Sequence[Figure]:
    return asyncio.run(_with_a_stack(_alone))


def status_beside_a_million(_: Stacks, __: Shop) -> Sequence[Figure]:
    return asyncio.run(_with_a_stack(_beside_a_million))


async def _with_a_stack(measure: Callable[[StatusTables], Awaitable[Sequence[Figure]]]) -> Sequence[Figure]:
    with Stacks(processors=0).open() as stack:
        async with open_tables(stack) as tables:
            with no_op_processor(stack):
                warm = await announce(stack, WARM_UP_IMAGES)
                await until(lambda: tables.is_ended(warm))
            return await measure(tables)


async def _alone(tables: StatusTables) -> Sequence[Figure]:
    planning = await _planning(tables)
    with no_op_processor(tables.stack):
        return [planning, await _throughput(tables, IMAGES, "status_alone_images_per_second")]


async def _beside_a_million(tables: StatusTables) -> Sequence[Figure]:
    with no_op_processor(tables.stack):
        await announce(tables.stack, FEWER_IMAGES)
        before = await _throughput(tables, FEWER_IMAGES, "status_images_per_second_before")
        memory = Memory(tables.resident_mebibytes())
        say(f"planning {LARGE_IMAGES} images")
        large = await announce(tables.stack, LARGE_IMAGES, priority=Priority.BULK)
        while_planning = await _while_planning(tables, large)
    # Nothing is answered until all is planned: planning has the machine.
    await until(lambda: tables.is_planned(large), each_time=lambda: memory.look(tables))
    with no_op_processor(tables.stack), exporting(tables, large):
        await until(lambda: tables.is_flowing(large))
        rate = await tables.rate(RATE_SECONDS)
        memory.look(tables)
    about = {"ratio_to_before": rate / before.value, "wanted": 0.9}
    return [
        before,
        *while_planning,
        Figure("status_images_per_second_beside_a_million", rate, "images/s", about),
        Figure("status_memory_growth_megabytes", memory.growth, "MB", {"images": LARGE_IMAGES}),
    ]


async def _while_planning(tables: StatusTables, large: UUID) -> Sequence[Figure]:
    await until(lambda: tables.is_flowing(large))
    began = time.perf_counter()
    small = await announce(tables.stack, SMALL_IMAGES)
    await until(lambda: tables.is_ended(small))
    seconds = time.perf_counter() - began
    rate = await tables.rate(RATE_SECONDS / 3)
    if await tables.is_planned(large):
        raise WrongResult("it was planned before anything was measured")
    return [
        Figure("small_request_while_planning_seconds", seconds, "s", {"images": SMALL_IMAGES}),
        Figure("status_images_per_second_while_planning", rate, "images/s"),
    ]


async def _planning(tables: StatusTables) -> Figure:
    """From recorded to planned, on the database's clock, while nothing is answered."""
    say(f"planning {IMAGES} images")
    request_id = await announce(tables.stack, IMAGES)
    await until(lambda: tables.is_planned(request_id))
    row = await tables.row(request_id)
    seconds = (row["planned_at"] - row["recorded_at"]).total_seconds()
    return Figure("plan_100000_images_seconds", seconds, "s", {"wanted": 8})


async def _throughput(tables: StatusTables, wanted: int, name: str) -> Figure:
    """What was planned is dispatched and completed; the start and the last images are left out."""
    say(f"dispatching {wanted} images")
    before = await tables.done()

    async def share_done(share: float) -> None:
        async def reached() -> bool:
            return await tables.done() - before >= share * wanted

        await until(reached)

    await share_done(0.1)
    began, from_images, cpu_before = time.perf_counter(), await tables.done(), cpu_by_part(_pids(tables))
    await share_done(0.9)
    images = await tables.done() - from_images
    rate = images / (time.perf_counter() - began)
    cpu_after = cpu_by_part(_pids(tables))
    cpu = ms_per_image(cpu_before, cpu_after, images)
    await share_done(1)
    return Figure(name, rate, "images/s", {"wanted": 2_500, "cpu_ms_by_part": cpu})


@contextmanager
def exporting(tables: StatusTables, request_id: UUID) -> Iterator[None]:
    """All products of the request as one JSON answer, again and again."""
    task = asyncio.create_task(_export(f"{tables.stack.endpoints['url']}/api/status/{request_id}"))
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


def _pids(tables: StatusTables) -> Any:
    return tables.stack.endpoints["pids"]


def no_op_processor(stack: OwnStack) -> AbstractContextManager[str]:
    return helper("bench.programs.no_op_processor", stack.endpoints["kafka_bootstrap"])
