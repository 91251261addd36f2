"""What one user feels of another: small requests beside a huge one, a healthy one beside one that hangs, a
tenant beside another with a thousand requests.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import aiohttp

from bench.figures import Figure, duration_figure, say
from bench.instruments.status_tables import StatusTables, open_tables, until
from bench.world.announced import Url, announce, announce_many
from bench.world.shop import Shop
from bench.world.silent_hosts import silent_hosts
from bench.world.stacks import Stacks

WARM_UP_IMAGES = 1_500
HUGE_IMAGES = 100_000
SOLO_SECONDS, BESIDE_SECONDS = 20.0, 40.0
SMALL_IMAGES = 20
HEALTHY_IMAGES = 3_000
HANGING_IMAGES, HEAD_START_SECONDS = 500, 10.0
CROWD_REQUESTS, CROWD_IMAGES = 1_000, 20
SINGLE_IMAGES = 1_000


@dataclass(frozen=True, slots=True)
class Town:
    """The stack and the shop whose images its users want."""

    tables: StatusTables
    shop: Shop

    def url(self, mark: str) -> Url:
        """No two marks share a URL."""
        return lambda row: self.shop.url(row, mark)

    async def begin(self, images: int, mark: str, tenant: str = "local") -> UUID:
        return await announce(self.tables.stack, images, url=self.url(mark), tenant=tenant)

    async def seconds(self, images: int, mark: str, tenant: str = "local") -> float:
        began = time.perf_counter()
        request_id = await self.begin(images, mark, tenant)
        await until(lambda: self.tables.is_ended(request_id))
        return time.perf_counter() - began

    async def cancel(self, request_id: UUID) -> None:
        url = f"{self.tables.stack.endpoints['url']}/v1/requests/{request_id}/cancel"
        async with aiohttp.ClientSession() as http, http.post(url) as answer:
            answer.raise_for_status()
        await until(lambda: self.tables.is_ended(request_id))


Measure = Callable[[Town], Awaitable[Sequence[Figure]]]


def small_beside_huge(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    return _measured(stacks, shop, _small_beside_huge)


def healthy_beside_hanging(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    return _measured(stacks, shop, _healthy_beside_hanging)


def single_beside_crowd(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    return _measured(stacks, shop, _single_beside_crowd)


def _measured(stacks: Stacks, shop: Shop, measure: Measure) -> Sequence[Figure]:
    async def in_a_town() -> Sequence[Figure]:
        with stacks.open() as stack:
            async with open_tables(stack) as tables:
                town = Town(tables, shop)
                await town.seconds(WARM_UP_IMAGES, "warm-up")
                return await measure(town)

    return asyncio.run(in_a_town())


async def _small_beside_huge(town: Town) -> Sequence[Figure]:
    huge = await town.begin(HUGE_IMAGES, "huge")
    await until(lambda: town.tables.is_planned(huge))
    solo = await town.tables.rate(SOLO_SECONDS, huge)
    say(f"requests of {SMALL_IMAGES} images beside it")
    beside = asyncio.create_task(town.tables.rate(BESIDE_SECONDS, huge))
    durations: list[float] = []
    while not beside.done():
        durations.append(1000 * await town.seconds(SMALL_IMAGES, f"small{len(durations)}"))
    kept = await beside / solo
    await town.cancel(huge)
    return [
        duration_figure("small_request_beside_100000_ms", durations, wanted_p95=1_000, images=SMALL_IMAGES),
        Figure("huge_request_rate_kept", kept, "ratio", {"wanted": 0.8, "solo_images_per_second": solo}),
    ]


async def _healthy_beside_hanging(town: Town) -> Sequence[Figure]:
    alone = await town.seconds(HEALTHY_IMAGES, "alone")
    with silent_hosts(["127.0.0.1"]) as (address,):
        hanging = await announce(town.tables.stack, HANGING_IMAGES, url=lambda row: f"{address}/{row}.jpg")
        await asyncio.sleep(HEAD_START_SECONDS)
        beside = await town.seconds(HEALTHY_IMAGES, "beside")
        await town.cancel(hanging)
    about = {"wanted": 2, "alone_seconds": alone, "beside_seconds": beside}
    return [Figure("healthy_beside_hanging_slowdown", beside / alone, "times", about)]


async def _single_beside_crowd(town: Town) -> Sequence[Figure]:
    alone = await town.seconds(SINGLE_IMAGES, "alone", tenant="single")
    crowd = await announce_many(
        town.tables.stack, CROWD_REQUESTS, CROWD_IMAGES, url=town.url("crowd"), tenant="crowd"
    )
    await until(lambda: town.tables.is_flowing(crowd[0]))
    beside = await town.seconds(SINGLE_IMAGES, "beside", tenant="single")
    about = {"wanted": 2, "alone_seconds": alone, "beside_seconds": beside, "requests": CROWD_REQUESTS}
    return [Figure("single_request_beside_crowd_slowdown", beside / alone, "times", about)]
