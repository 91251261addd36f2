"""How long one image takes from its upload to completed while the stack works on a large request: at several
paces of the large one's host, and as fast as it goes.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.figures import Figure, WrongResult, duration_figure, say
from bench.instruments.status_tables import until
from bench.measures.waits.idle_stack import ONE_IMAGE_WARM_UPS, one_image_ms
from bench.world.shop import Shop, open_shop
from bench.world.stacks import Stacks
from bench.world.user import User, open_user
from deploy.local.own_stack import OwnStack

PACES = (0, 60, 120, 240)  # images a second of the large request; then as many as go
ONE_IMAGE_REQUESTS = 30
LARGE_IMAGES = 50_000  # more than end meanwhile
BEGUN_IMAGES = 200


@dataclass(frozen=True, slots=True)
class Beside:
    """What else the stack works on."""

    name: str
    shop: Shop | None  # where the large request's images are


def one_image_under_load(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    with stacks.open() as stack:
        asyncio.run(_one_by_one(stack, shop, "warm-up", ONE_IMAGE_WARM_UPS))
        figures = [_at_pace(stack, shop, pace) for pace in PACES]
        return [*figures, asyncio.run(_measured(stack, shop, Beside("full", shop)))]


def _at_pace(stack: OwnStack, shop: Shop, pace: int) -> Figure:
    if not pace:
        return asyncio.run(_measured(stack, shop, Beside("0", None)))
    with open_shop(shop.files, per_second=pace) as paced:
        return asyncio.run(_measured(stack, shop, Beside(str(pace), paced)))


async def _measured(stack: OwnStack, shop: Shop, beside: Beside) -> Figure:
    say(f"{ONE_IMAGE_REQUESTS} requests of one image beside {beside.name} images a second")
    async with open_user(stack) as user:
        large = None if beside.shop is None else await _begun(user, beside.shop, beside.name)
        durations = await _one_by_one(stack, shop, beside.name, ONE_IMAGE_REQUESTS)
        if large is not None:
            await _end(user, large)
    return duration_figure("one_image_under_load_ms", durations, beside_per_second=beside.name)


async def _one_by_one(stack: OwnStack, shop: Shop, mark: str, requests: int) -> Sequence[float]:
    async with open_user(stack) as user:
        return [await one_image_ms(user, shop.csv(1, f"{mark}-{number}")) for number in range(requests)]


async def _begun(user: User, shop: Shop, mark: str) -> str:
    request_id = await user.upload(shop.csv(LARGE_IMAGES, f"large-{mark}"))

    async def has_begun() -> bool:
        counts: Mapping[str, int] = (await user.request(request_id))["counts"]
        return counts["done"] >= BEGUN_IMAGES

    await until(has_begun)
    return request_id


async def _end(user: User, request_id: str) -> None:
    async def has_ended() -> bool:
        return (await user.request(request_id))["completed_at"] is not None

    if await has_ended():
        raise WrongResult("the large request ended before the small ones")
    await user.cancel(request_id)
    await until(has_ended)
