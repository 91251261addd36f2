"""One large request end to end, beside the bare loop on the same files in the same run."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.bare_loop import Speed, bare_loop
from bench.cpu import cpu_by_part
from bench.figures import Figure, WrongResult, mean_figure, say
from bench.shop import Shop
from bench.stacks import Stacks
from bench.user import open_user
from deploy.local.own_stack import OwnStack

WARM_UP_IMAGES = 1_500  # a young JVM is slow
IMAGES = 3_000
ROUNDS = 2
POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class EndToEnd:
    images_per_second: float
    by_its_own_times: float  # created_at to completed_at, as the request itself tells
    cpu_ms_by_part: Mapping[str, float]
    bytes_in: int
    bytes_out: int

    @property
    def cpu_ms_per_image(self) -> float:
        return sum(self.cpu_ms_by_part.values())


@dataclass(frozen=True, slots=True)
class Round:
    """The machine's speed drifts, so the yardstick is laid on before and after."""

    before: Speed
    stack: EndToEnd
    after: Speed

    @property
    def bare(self) -> Speed:
        return Speed(
            (self.before.images_per_second + self.after.images_per_second) / 2,
            (self.before.cpu_ms_per_image + self.after.cpu_ms_per_image) / 2,
        )


def throughput(stacks: Stacks, shop: Shop) -> Sequence[Figure]:
    """The bare loop has the machine for itself: also a stack without work uses some of it."""
    rounds: list[Round] = []
    before = bare_loop(shop.files, IMAGES)
    for number in range(1, ROUNDS + 1):
        say(f"round {number} of {ROUNDS}: {IMAGES} images")
        with stacks.open() as stack:
            asyncio.run(_end_to_end(stack, shop, "warm-up", WARM_UP_IMAGES))
            measured = asyncio.run(_end_to_end(stack, shop, "measured", IMAGES))
        after = bare_loop(shop.files, IMAGES)
        rounds.append(Round(before, measured, after))
        before = after
    return figures_of(rounds)


async def _end_to_end(stack: OwnStack, shop: Shop, mark: str, images: int) -> EndToEnd:
    async with open_user(stack) as user:
        pids = stack.endpoints["pids"]
        cpu_before = cpu_by_part(pids)
        request_id = await user.upload(shop.csv(images, mark))
        started = time.perf_counter()
        request = await user.until_completed(request_id, POLL_SECONDS)
        seconds = time.perf_counter() - started
        cpu_after = cpu_by_part(pids)
        await user.check_images(request_id, shop)
    if stack.endpoints["pids"] != pids:
        raise WrongResult("a process of the stack was restarted in the middle of the measurement")
    return EndToEnd(
        images / seconds,
        images / own_seconds(request),
        {part: (cpu_after[part] - cpu_before[part]) * 1000 / images for part in cpu_after},
        request["bytes_in"],
        request["bytes_out"],
    )


def own_seconds(request: Mapping[str, Any]) -> float:
    created, completed = (datetime.fromisoformat(request[name]) for name in ("created_at", "completed_at"))
    return (completed - created).total_seconds()


def figures_of(rounds: Sequence[Round]) -> Sequence[Figure]:
    speeds = [each.stack.images_per_second for each in rounds]
    bare_speeds = [each.bare.images_per_second for each in rounds]
    cpu = [each.stack.cpu_ms_per_image for each in rounds]
    bare_cpu = [each.bare.cpu_ms_per_image for each in rounds]
    about_the_stack = {
        "over": "upload answered to completed",
        "images": IMAGES,
        "by_its_own_times": [each.stack.by_its_own_times for each in rounds],
        "megabytes_in": rounds[0].stack.bytes_in / 1e6,
        "megabytes_out": rounds[0].stack.bytes_out / 1e6,
    }
    return [
        mean_figure("bare_loop_images_per_second", bare_speeds, "images/s", images=IMAGES),
        mean_figure("bare_loop_cpu_ms_per_image", bare_cpu, "ms", images=IMAGES),
        mean_figure("end_to_end_images_per_second", speeds, "images/s", **about_the_stack),
        mean_figure("end_to_end_ratio_to_bare_loop", _ratios(speeds, bare_speeds), "ratio", wanted=0.5),
        mean_figure("end_to_end_cpu_ms_per_image", cpu, "ms", images=IMAGES, by_part=_mean_by_part(rounds)),
        mean_figure("end_to_end_cpu_ratio_to_bare_loop", _ratios(cpu, bare_cpu), "ratio"),
    ]


def _ratios(values: Sequence[float], yardsticks: Sequence[float]) -> list[float]:
    return [value / yardstick for value, yardstick in zip(values, yardsticks, strict=True)]


def _mean_by_part(rounds: Sequence[Round]) -> Mapping[str, float]:
    every = [each.stack.cpu_ms_by_part for each in rounds]
    return {part: sum(by_part[part] for by_part in every) / len(every) for part in every[0]}
