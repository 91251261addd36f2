"""How fast status answers for a request of 1,000 products while the stack works as hard as it can, and what
such an answer costs.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence

from bench.figures import Figure, WrongResult, percentile
from bench.instruments.cpu import cpu_by_part
from bench.measures.waits.idle_stack import DRAIN_POLL_SECONDS
from bench.world.shop import Shop
from bench.world.stacks import Stacks
from bench.world.user import User, open_user
from deploy.local.own_stack import OwnStack

PRODUCTS = 1_000
LOAD_IMAGES = 60_000  # more than can be done meanwhile
WARM_UP_SECONDS = 5.0
ROUNDS = 150
PAUSE_SECONDS = 0.05
COSTED_ANSWERS = 300
PARTS = ("status", "postgres")
SPELLINGS = {"v1": "/v1/requests/{}", "snake": "/status/{}", "camel": "/api/status/{}"}


def answers(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    """One caller, one spelling after the other, from sent to wholly received."""
    with stacks.open() as stack:
        costs_ms = asyncio.run(_cpu_ms(stack, shop))
        durations = asyncio.run(_answers(stack, shop))
    about = {"products": PRODUCTS, "n": COSTED_ANSWERS}
    return [
        *(Figure(f"status_answer_cpu_{spelling}_ms", ms, "ms", about) for spelling, ms in costs_ms.items()),
        *(_under_load(spelling, ms) for spelling, ms in durations.items()),
    ]


def _under_load(spelling: str, ms: Sequence[float]) -> Figure:
    about = {"wanted": 50, "products": PRODUCTS, "n": len(ms), "p50": percentile(ms, 50), "max": max(ms)}
    return Figure(f"status_under_load_{spelling}_ms", percentile(ms, 99), "ms", about)


async def _cpu_ms(stack: OwnStack, shop: Shop) -> Mapping[str, float]:
    """CPU of status and Postgres for one answer about a request that has ended, while nobody else asks."""
    async with open_user(stack) as user:
        request_id = await user.upload(shop.csv(PRODUCTS, "cost"))
        await user.until_completed(request_id, DRAIN_POLL_SECONDS)
        costs = {}
        for spelling, path in SPELLINGS.items():
            before = cpu_by_part(stack.endpoints["pids"])
            for _ in range(COSTED_ANSWERS):
                await _answer_ms(user, path.format(request_id))
            after = cpu_by_part(stack.endpoints["pids"])
            costs[spelling] = sum(after[part] - before[part] for part in PARTS) * 1000 / COSTED_ANSWERS
    return costs


async def _answers(stack: OwnStack, shop: Shop) -> Mapping[str, list[float]]:
    async with open_user(stack) as user:
        request_id = await user.upload(shop.csv(PRODUCTS, "asked"))
        load_id = await user.upload(shop.csv(LOAD_IMAGES, "load"))
        await asyncio.sleep(WARM_UP_SECONDS)
        durations: dict[str, list[float]] = {spelling: [] for spelling in SPELLINGS}
        for _ in range(ROUNDS):
            for spelling, path in SPELLINGS.items():
                durations[spelling].append(await _answer_ms(user, path.format(request_id)))
                await asyncio.sleep(PAUSE_SECONDS)
        load = await user.request(load_id)
    if load["state"] != "processing":
        raise WrongResult(f"the load ended before the measurement did: {load['counts']}")
    return durations


async def _answer_ms(user: User, path: str) -> float:
    started = time.perf_counter()
    async with user.http.get(user.url + path) as response:
        await response.read()
    if response.status != 200:
        raise WrongResult(f"{path} answered {response.status}")
    return (time.perf_counter() - started) * 1000
