"""How long some hundred images take after a rest, when nothing is known of the pace."""

import asyncio
from collections.abc import Sequence

from bench.figures import Figure, duration_figure
from bench.measures.waits.idle_stack import told_ms
from bench.world.shop import Shop
from bench.world.stacks import Stacks
from bench.world.user import User, open_user
from deploy.local.own_stack import OwnStack

WARM_UPS, REQUESTS = 1, 5
IMAGES = 600
REST_SECONDS = 15.0


def after_a_rest(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    with stacks.open() as stack:
        durations = asyncio.run(_each_after_a_rest(stack, shop))[WARM_UPS:]
    about = {"images": IMAGES, "rest_seconds": REST_SECONDS, "over": "upload sent to a long poll's answer"}
    return [duration_figure(f"request_of_{IMAGES}_after_a_rest_ms", durations, **about)]


async def _each_after_a_rest(stack: OwnStack, shop: Shop) -> list[float]:
    async with open_user(stack) as user:
        files = [shop.csv(IMAGES, f"rested{number}") for number in range(WARM_UPS + REQUESTS)]
        return [await _rested_ms(user, file) for file in files]


async def _rested_ms(user: User, data: bytes) -> float:
    await asyncio.sleep(REST_SECONDS)
    return await told_ms(user, data)
