"""What a stack without work takes: CPU of each part, and how soon it does a first image after its rest."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from bench.counting.bounds import FOUR_SERVICES_IDLE, WHOLE_STACK_IDLE
from bench.figures import Figure, WrongResult, bounded_figure, duration_figure, say
from bench.instruments.cpu import cpu_by_part
from bench.measures.waits.idle_stack import one_image_ms
from bench.world.shop import Shop
from bench.world.stacks import Stacks
from bench.world.user import User, open_user
from deploy.local.own_stack import OwnStack

WARM_UP_IMAGES = 40
SETTLING_SECONDS = 10.0  # after the last image: what it left behind is done by then
REST_SECONDS = 60.0
FIRSTS = 5  # one-image requests, each after a rest
FIRST_REST_SECONDS = 6.0
WARM = 10  # the same, one right after the other
POLL_SECONDS = 0.005
SERVERS = ("kafka", "postgres")


@dataclass(frozen=True, slots=True)
class OneImage:
    ms: float
    cpu_ms: float


def idle(_: Stacks, shop: Shop) -> Sequence[Figure]:
    with Stacks(processors=1).open() as stack:
        cores = asyncio.run(_at_rest(stack, shop))
        firsts, warm = asyncio.run(_firsts(stack, shop))
    services = sum(share for part, share in cores.items() if part not in SERVERS)
    about = {"seconds": REST_SECONDS, "by_part": cores}
    return [
        _bounded("idle_services_cores", services, FOUR_SERVICES_IDLE, about),
        _bounded("idle_stack_cores", sum(cores.values()), WHOLE_STACK_IDLE, about),
        _one_by_one("first_image_after_a_rest_ms", firsts, rest_seconds=FIRST_REST_SECONDS),
        _one_by_one("image_right_after_another_ms", warm),
    ]


async def _at_rest(stack: OwnStack, shop: Shop) -> Mapping[str, float]:
    async with open_user(stack) as user:
        request_id = await user.upload(shop.csv(WARM_UP_IMAGES, "warm-up"))
        await user.until_completed(request_id, POLL_SECONDS)
    await asyncio.sleep(SETTLING_SECONDS)
    say(f"resting for {REST_SECONDS:.0f} s")
    pids, began = stack.endpoints["pids"], time.monotonic()
    before = cpu_by_part(pids)
    await asyncio.sleep(REST_SECONDS)
    after, seconds = cpu_by_part(pids), time.monotonic() - began
    if stack.endpoints["pids"] != pids:
        raise WrongResult("a process of the stack was restarted meanwhile")
    return {part: (after[part] - before[part]) / seconds for part in after}


async def _firsts(stack: OwnStack, shop: Shop) -> tuple[Sequence[OneImage], Sequence[OneImage]]:
    """One-image requests after a rest, and while nobody rests."""
    firsts = []
    async with open_user(stack) as user:
        for number in range(FIRSTS):
            await asyncio.sleep(FIRST_REST_SECONDS)
            firsts.append(await _one(stack, user, shop, f"first-{number}"))
        warm = [await _one(stack, user, shop, f"warm-{number}") for number in range(WARM)]
    return firsts, warm


async def _one(stack: OwnStack, user: User, shop: Shop, mark: str) -> OneImage:
    """From the upload's begin to the first look that shows its end."""
    pids, data = stack.endpoints["pids"], shop.csv(1, mark)
    before = sum(cpu_by_part(pids).values())
    ms = await one_image_ms(user, data)
    return OneImage(ms, (sum(cpu_by_part(pids).values()) - before) * 1000)


def _one_by_one(name: str, images: Sequence[OneImage], **about: object) -> Figure:
    """With the CPU of the whole stack: the same work takes more of it where caches have gone cold."""
    cpu_ms = fmean(image.cpu_ms for image in images)
    return duration_figure(name, [image.ms for image in images], cpu_ms_mean=cpu_ms, **about)


def _bounded(name: str, value: float, bound: tuple[float, float], about: Mapping[str, object]) -> Figure:
    at_most, target = bound
    return bounded_figure(name, value, "cores", bound=at_most, target=target, **about)
