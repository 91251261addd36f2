"""The figures that need the whole stack: what a user waits for, and what an image costs."""

import asyncio
import io
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from bench.cpu import cpu_by_part
from deploy.local.own_stack import OwnStack

POLL_SECONDS = 0.005
LARGE_POLL_SECONDS = 0.1


class WrongResult(Exception):  # noqa: N818 - the bench measures only what really happened
    """A request did not end as it had to."""


@dataclass(frozen=True)
class Throughput:
    images_per_second: float
    cpu_ms_per_image: float
    cpu_ms_by_part: Mapping[str, float]
    bytes_in: int
    bytes_out: int


@dataclass(frozen=True)
class Shop:
    """Image URLs without end: the files in turn, each time under another address."""

    host: str
    names: Sequence[str]

    def csv(self, rows: int, mark: str) -> bytes:
        urls = (f"{self.host}/{self.names[row % len(self.names)]}?{mark}-{row}" for row in range(rows))
        lines = [f"{row},Product {row},{url}" for row, url in enumerate(urls, start=1)]
        return "\n".join(["S. No.,Product Name,Input Image Urls", *lines, ""]).encode()


@contextmanager
def image_host(folder: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "bench.image_host", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.terminate()


@dataclass
class User:
    """One client of the stack."""

    stack: OwnStack
    http: aiohttp.ClientSession

    @staticmethod
    @asynccontextmanager
    async def of(stack: OwnStack) -> AsyncIterator["User"]:
        async with aiohttp.ClientSession() as http:
            yield User(stack, http)

    async def upload(self, data: bytes) -> str:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(data), filename="products.csv", content_type="text/csv")
        async with self.http.post(f"{self.stack.endpoints['ingest_url']}/v1/requests", data=form) as response:
            answer = await response.json()
        if response.status != 202:
            raise WrongResult(f"upload: {response.status} {answer}")
        return str(answer["request_id"])

    async def until_completed(self, request_id: str, poll_seconds: float) -> Mapping[str, Any]:
        url = f"{self.stack.endpoints['status_url']}/v1/requests/{request_id}"
        while True:
            async with self.http.get(url) as response:
                request: Mapping[str, Any] = await response.json()
            if response.status == 200 and request["completed_at"] is not None:
                break
            await asyncio.sleep(poll_seconds)
        if request["counts"]["done"] != request["counts"]["images"]:
            raise WrongResult(f"{request['counts']} {request['failures']}")
        return request


async def one_image_ms(stack: OwnStack, shop: Shop, count: int) -> Sequence[float]:
    """From the first byte of the upload to the first answer that says completed, on an idle stack."""
    async with User.of(stack) as user:
        durations = []
        for number in range(-3, count):  # three to warm up
            started = time.perf_counter()
            request_id = await user.upload(shop.csv(1, f"one{number}"))
            await user.until_completed(request_id, POLL_SECONDS)
            if number >= 0:
                durations.append((time.perf_counter() - started) * 1000)
    return durations


async def upload_answer_ms(stack: OwnStack, shop: Shop, rows: int, count: int) -> Sequence[float]:
    async with User.of(stack) as user:
        durations = []
        for number in range(count):
            data = shop.csv(rows, f"upload{number}")
            started = time.perf_counter()
            request_id = await user.upload(data)
            durations.append((time.perf_counter() - started) * 1000)
            await user.until_completed(request_id, LARGE_POLL_SECONDS)
    return durations


async def throughput(stack: OwnStack, shop: Shop, images: int) -> Throughput:
    async with User.of(stack) as user:
        pids = stack.endpoints["pids"]
        before = cpu_by_part(pids)
        started = time.perf_counter()
        request_id = await user.upload(shop.csv(images, "throughput"))
        request = await user.until_completed(request_id, LARGE_POLL_SECONDS)
        seconds = time.perf_counter() - started
        after = cpu_by_part(pids)
    by_part = {part: (after[part] - before[part]) * 1000 / images for part in after}
    return Throughput(
        images / seconds,
        sum(by_part.values()),
        by_part,
        request["bytes_in"],
        request["bytes_out"],
    )


def percentile(values: Sequence[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]
