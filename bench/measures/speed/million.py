"""Whether the millionth image costs what the first did: planning, then dispatching and completing, in tenths,
of a hundred requests of a thousand images, of one of a hundred thousand and of one of a million; and small
images for real.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any
from uuid import UUID

from bench.figures import Figure, WrongResult, say
from bench.instruments.cpu import cpu_by_part, ms_per_image, tree
from bench.instruments.process_memory import MEBIBYTE, resident_bytes
from bench.instruments.status_tables import PATIENCE_SECONDS, StatusTables, open_tables, until
from bench.measures.parts.status_alone import no_op_processor
from bench.world.announced import announce, announce_many
from bench.world.shop import Shop
from bench.world.stacks import Stacks
from bench.world.user import open_user
from deploy.local.own_stack import OwnStack

WARM_UP_IMAGES = 20_000
SMALLER_SIZES = (1_000, 100_000)
LEAST_IMAGES = 100_000  # in all: of fewer a tenth is too short for the clock that counts CPU
TENTHS = 10
TINY_SHARE = 5  # of the million's images so many times fewer are fetched and compressed
TINY_WARM_UP_IMAGES = 4_000
LOOK_SECONDS = 0.1

Count = Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Mark:
    """How things stand after so many images."""

    images: int
    at_seconds: float
    cpu_seconds: Mapping[str, float]
    mebibytes: Mapping[str, float]  # of each part's largest process


def million(stacks: Stacks, _: Shop) -> Sequence[Figure]:
    with Stacks(processors=0).open() as stack:
        return asyncio.run(_of_each_size(stack, stacks.most_images))


def million_tiny(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    """With real processors, which fetch and compress."""
    images = stacks.most_images // TINY_SHARE
    with stacks.open() as stack:
        marks = asyncio.run(_tiny(stack, shop, images))
    return list(figures_of("million_tiny", marks))


async def _of_each_size(stack: OwnStack, most_images: int) -> Sequence[Figure]:
    figures: list[Figure] = []
    async with open_tables(stack) as tables:
        with no_op_processor(stack):
            warm = await announce(stack, WARM_UP_IMAGES)
            await until(lambda: tables.is_ended(warm))
        for size in (*SMALLER_SIZES, most_images):
            requests = max(1, LEAST_IMAGES // size)
            say(f"{requests} requests of {size} images")
            ids = await announce_many(stack, requests, size)
            planned = await _marks(tables, ids, "planned_images", requests * size)
            # Nothing is answered before: planning and completing share the machine, and not evenly.
            with no_op_processor(stack):
                done = await _marks(tables, ids, "done", requests * size)
            each = {"of_each_request": size}
            figures += [
                *figures_of("million_planning", planned, **each),
                *figures_of("million", done, **each),
            ]
    return figures


async def _tiny(stack: OwnStack, shop: Shop, images: int) -> Sequence[Mark]:
    async with open_user(stack) as user, open_tables(stack) as tables:
        warm = UUID(await user.upload(shop.csv(TINY_WARM_UP_IMAGES, "warm-up")))
        await until(lambda: tables.is_ended(warm))
        request_id = await user.upload(shop.csv(images, "measured"))
        marks = await _marks(tables, [UUID(request_id)], "done", images)
        await user.check_images(request_id, shop)
        return marks


async def _marks(tables: StatusTables, ids: Sequence[UUID], column: str, images: int) -> Sequence[Mark]:
    """At the first image and after each tenth."""
    steps = [1, *(images * tenth // TENTHS for tenth in range(1, TENTHS + 1))]
    return [_mark(tables, await _at_least(step, partial(tables.sum, column, ids))) for step in steps]


async def _at_least(wanted: int, count: Count) -> int:
    """Gives up when nothing moves, however long it takes."""
    reached, moved_at = await count(), time.monotonic()
    while reached < wanted:
        await asyncio.sleep(LOOK_SECONDS)
        before, reached = reached, await count()
        if reached > before:
            moved_at = time.monotonic()
        if time.monotonic() - moved_at > PATIENCE_SECONDS:
            raise WrongResult(f"it stands still at {reached} images")
    return reached


def _mark(tables: StatusTables, images: int) -> Mark:
    pids: Mapping[str, Sequence[int]] = tables.stack.endpoints["pids"]
    return Mark(
        images,
        time.perf_counter(),
        cpu_by_part(pids),
        {part: max(_mebibytes(roots), default=0.0) for part, roots in pids.items()},
    )


def _mebibytes(roots: Sequence[int]) -> Iterator[float]:
    for root in roots:
        yield from (resident_bytes(pid) / MEBIBYTE for pid in tree(root))


def figures_of(name: str, marks: Sequence[Mark], **of_all: Any) -> Iterator[Figure]:
    first, last = marks[0], marks[-1]
    images = last.images - first.images
    of_all["images"] = images
    rates = [rate_between(*pair) for pair in pairwise(marks)]
    costs = [cost_between(*pair) for pair in pairwise(marks)]
    by_part = ms_per_image(first.cpu_seconds, last.cpu_seconds, images)
    memory = {part: [mark.mebibytes[part] for mark in marks] for part in last.mebibytes}
    about = of_all | {"tenths": rates, "last_to_first": rates[-1] / rates[0]}
    yield Figure(f"{name}_images_per_second", rate_between(first, last), "images/s", about)
    about = of_all | {"tenths": costs, "last_to_first": costs[-1] / costs[0], "by_part": by_part}
    yield Figure(f"{name}_cpu_ms_per_image", cost_between(first, last), "ms", about)
    about = of_all | {"by_part": memory}
    yield Figure(f"{name}_memory_growth_megabytes", _growth(marks), "MB", about)


def rate_between(before: Mark, after: Mark) -> float:
    return (after.images - before.images) / (after.at_seconds - before.at_seconds)


def cost_between(before: Mark, after: Mark) -> float:
    """CPU of the whole stack, in ms an image."""
    spent = sum(after.cpu_seconds.values()) - sum(before.cpu_seconds.values())
    return spent * 1_000 / (after.images - before.images)


def _growth(marks: Sequence[Mark]) -> float:
    """Of the part that grew most, since its first tenth."""
    settled, last = marks[min(1, len(marks) - 2)], marks[-1]
    return max(last.mebibytes[part] - settled.mebibytes[part] for part in last.mebibytes)
