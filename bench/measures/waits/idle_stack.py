"""What a user waits for on an idle stack: a request of one image, the answer to an upload."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from bench.figures import Figure, duration_figure
from bench.world.shop import Shop
from bench.world.stacks import Stacks
from bench.world.user import User, open_user
from deploy.local.own_stack import OwnStack

ONE_IMAGE_WARM_UPS, ONE_IMAGE_REQUESTS = 3, 50
ONE_IMAGE_POLL_SECONDS = 0.005
UPLOAD_WARM_UPS, UPLOADS, UPLOAD_ROWS = 1, 20, 1_000
DRAIN_POLL_SECONDS = 0.1


def one_image(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    """From before the upload until its end is known, one request after another: by polls, by a long poll."""
    with stacks.open() as stack:
        polled = asyncio.run(_one_by_one(stack, shop, "polled", one_image_ms))
        told = asyncio.run(_one_by_one(stack, shop, "told", told_ms))
    by_polls = {"over": "upload sent to completed", "poll_ms": ONE_IMAGE_POLL_SECONDS * 1000}
    return [
        duration_figure("one_image_request_ms", polled, wanted=60, **by_polls),
        duration_figure("one_image_told_ms", told, wanted=60, over="upload sent to a long poll's answer"),
    ]


async def _one_by_one(
    stack: OwnStack, shop: Shop, name: str, measure: Callable[[User, bytes], Awaitable[float]]
) -> list[float]:
    numbers = range(ONE_IMAGE_WARM_UPS + ONE_IMAGE_REQUESTS)
    async with open_user(stack) as user:
        durations = [await measure(user, shop.csv(1, f"{name}{number}")) for number in numbers]
    return durations[ONE_IMAGE_WARM_UPS:]


async def one_image_ms(user: User, data: bytes) -> float:
    started = time.perf_counter()
    request_id = await user.upload(data)
    await user.until_completed(request_id, ONE_IMAGE_POLL_SECONDS)
    return (time.perf_counter() - started) * 1000


async def told_ms(user: User, data: bytes) -> float:
    started = time.perf_counter()
    request_id = await user.upload(data)
    await user.until_told(request_id)
    return (time.perf_counter() - started) * 1000


def upload(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    """Each upload is worked off before the next: the answer must not wait for a stack that is busy anyway."""
    with stacks.open() as stack:
        durations = asyncio.run(_uploads(stack, shop))[UPLOAD_WARM_UPS:]
    about = {"wanted": 150, "over": "upload sent to answered", "rows": UPLOAD_ROWS}
    return [duration_figure(f"upload_answer_{UPLOAD_ROWS}_rows_ms", durations, **about)]


async def _uploads(stack: OwnStack, shop: Shop) -> list[float]:
    numbers = range(UPLOAD_WARM_UPS + UPLOADS)
    async with open_user(stack) as user:
        return [await _upload_ms(user, shop.csv(UPLOAD_ROWS, f"upload{number}")) for number in numbers]


async def _upload_ms(user: User, data: bytes) -> float:
    started = time.perf_counter()
    request_id = await user.upload(data)
    duration_ms = (time.perf_counter() - started) * 1000
    await user.until_completed(request_id, DRAIN_POLL_SECONDS)
    return duration_ms
