"""How true eta_seconds is when half of a request has ended: alone, and beside others."""

import asyncio
import statistics
import time
from collections.abc import Sequence

from bench.figures import Figure, WrongResult, percentile
from bench.world.shop import Shop
from bench.world.stacks import Stacks
from bench.world.user import COMPLETION_SECONDS, User, open_user
from deploy.local.own_stack import OwnStack

SIZES = (200, 400, 800)
AT_ONCE = (1, 2, 3)  # requests that run beside each other
POLL_SECONDS = 0.05
HALF = 50.0


def estimates(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    """The estimate at the first look that shows half of the images ended, against what it really took."""
    with stacks.open() as stack:
        errors = asyncio.run(_errors(stack, shop))
    about = {"wanted": 30, "n": len(errors), "p90": percentile(errors, 90), "max": max(errors)}
    return [Figure("eta_half_way_error_percent", statistics.median(errors), "%", about)]


async def _errors(stack: OwnStack, shop: Shop) -> list[float]:
    errors: list[float] = []
    async with open_user(stack) as user:
        for beside in AT_ONCE:
            for images in SIZES:
                marks = [f"eta-{beside}-{images}-{number}" for number in range(beside)]
                errors += await asyncio.gather(*(_error(user, shop.csv(images, mark)) for mark in marks))
    return errors


async def _error(user: User, data: bytes) -> float:
    """In percent of the time that was really left."""
    request_id = await user.upload(data)
    estimate, asked_at = None, 0.0
    async with asyncio.timeout(COMPLETION_SECONDS):
        while True:
            request = await user.request(request_id)
            now = time.monotonic()
            if request["completed_at"] is not None:
                break
            if estimate is None and request["progress"] >= HALF:
                estimate, asked_at = request["eta_seconds"], now
            await asyncio.sleep(POLL_SECONDS)
    if estimate is None:
        raise WrongResult(f"no estimate was seen half-way: {request['counts']}")
    left_seconds = now - asked_at
    error: float = abs(estimate - left_seconds) / left_seconds * 100
    return error
