"""One large request on a stack that is warm: how fast it ended, and what CPU it took."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bench.figures import WrongResult
from bench.instruments.cpu import cpu_by_part, ms_per_image
from bench.world.shop import Shop
from bench.world.user import open_user
from deploy.local.own_stack import OwnStack

POLL_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class EndToEnd:
    images_per_second: float
    by_its_own_times: float  # created_at to completed_at, as the request itself tells
    cpu_ms_by_part: Mapping[str, float]
    bytes_in: int
    bytes_out: int

    @property
    def cpu_ms_per_image(self) -> float:
        return sum(self.cpu_ms_by_part.values())


def end_to_end(stack: OwnStack, shop: Shop, *, warm_up_images: int, images: int) -> EndToEnd:
    """Measures the second request. The first one warms up: a young JVM is slow, and the window is small."""
    asyncio.run(_request(stack, shop, "warm-up", warm_up_images))
    return asyncio.run(_request(stack, shop, "measured", images))


async def _request(stack: OwnStack, shop: Shop, mark: str, images: int) -> EndToEnd:
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
        images_per_second=images / seconds,
        by_its_own_times=images / own_seconds(request),
        cpu_ms_by_part=ms_per_image(cpu_before, cpu_after, images),
        bytes_in=request["bytes_in"],
        bytes_out=request["bytes_out"],
    )


def own_seconds(request: Mapping[str, Any]) -> float:
    created, completed = (datetime.fromisoformat(request[name]) for name in ("created_at", "completed_at"))
    return (completed - created).total_seconds()
