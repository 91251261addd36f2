"""What the stack does an image, in counts that no machine's speed blurs, each beside its bound: what it asks
of Postgres, of the broker and of the kernel, and the CPU of all that is no work on an image.

Once at a pace that the image host holds, so that each machine has as long for as many images; and once as
fast as it goes, when images wait for a decoder.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bench.counting.bounds import BOUNDS, Bound, Load
from bench.counting.readings import Reading, read
from bench.counting.syscalls import Traced, Tracer, traced, usable_tracer
from bench.figures import Figure, WrongResult, bounded_figure, say
from bench.world.shop import Shop, open_shop
from bench.world.stacks import Stacks
from bench.world.user import open_user
from deploy.local.own_stack import OwnStack

IMAGES = 1_600
WARM_UP_IMAGES = 400
PER_SECOND = 60
POLL_SECONDS = 1.0  # seldom, since each look counts too
TRACED = ("status", "processor")  # of processors, one


@dataclass(frozen=True, slots=True)
class Counted:
    """Of all images of one request."""

    reading: Reading
    calls: Mapping[str, Traced]  # by service

    def per_image(self, name: str) -> float | None:
        """None for what could not be counted here."""
        if name == "cores":
            return self.reading.cpu_around / IMAGES * PER_SECOND
        call, _, service = name.partition("_calls_of_")
        if not service:
            return self.reading.counts[name] / IMAGES
        return self.calls[service].counts.get(call, 0) / IMAGES if service in self.calls else None


def counts(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    tracer = usable_tracer()
    say("no calls are counted: neither perf nor strace works here" if tracer is None else f"by {tracer.name}")
    with stacks.open() as stack, open_shop(shop.files, per_second=PER_SECOND) as paced_shop:
        asyncio.run(_work_off(stack, shop, "warm-up", WARM_UP_IMAGES))
        free = tracer if tracer is not None and tracer.is_free else None
        by_load = {
            Load.PACED: _counted(stack, paced_shop, Load.PACED, free),
            Load.FULL: _counted(stack, shop, Load.FULL, tracer),
        }
    return list(_figures(by_load))


def _counted(stack: OwnStack, shop: Shop, load: Load, tracer: Tracer | None) -> Counted:
    say(f"{IMAGES} images, {load.value}")
    pids = stack.endpoints["pids"]
    before = asyncio.run(read(stack))
    with _traced(tracer, {service: pids[service][0] for service in TRACED}) as calls:
        asyncio.run(_work_off(stack, shop, load.name, IMAGES))
    after = asyncio.run(read(stack))
    if stack.endpoints["pids"] != pids:
        raise WrongResult("a process of the stack was restarted in the middle of the measurement")
    return Counted(after.since(before), calls)


@contextmanager
def _traced(tracer: Tracer | None, pids: Mapping[str, int]) -> Iterator[Mapping[str, Traced]]:
    if tracer is None:
        yield {}
        return
    with ExitStack() as tracing:
        yield {service: tracing.enter_context(traced(tracer, pid)) for service, pid in pids.items()}


async def _work_off(stack: OwnStack, shop: Shop, mark: str, images: int) -> None:
    async with open_user(stack) as user:
        request_id = await user.upload(shop.csv(images, mark))
        await user.until_completed(request_id, POLL_SECONDS)


def _figures(by_load: Mapping[Load, Counted]) -> Iterator[Figure]:
    for name, bound in BOUNDS.items():
        seen = {load.value: counted.per_image(name) for load, counted in by_load.items()}
        judged = _judged(bound, seen)
        if judged is None:
            say(f"{name} could not be counted")
            continue
        yield bounded_figure(
            name, judged, bound.unit, bound=bound.at_most, target=bound.target, images=IMAGES, **seen
        )


def _judged(bound: Bound, seen: Mapping[str, float | None]) -> float | None:
    """At the load that the bound is for, or at the other where that could not be counted."""
    value = seen[bound.load.value]
    return value if value is not None else seen[Load.FULL.value]
