"""One client of the stack, who believes a result only after having looked at it."""

import asyncio
import io
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from PIL import Image

from bench.figures import WrongResult
from bench.world.shop import Shop
from deploy.local.own_stack import OwnStack

COMPLETION_SECONDS = 300.0
LONGEST_POLL_SECONDS = 30
CHECKED_IMAGES = 20


@dataclass(frozen=True, slots=True)
class User:
    url: str
    http: aiohttp.ClientSession

    async def upload(self, data: bytes, webhook_url: str | None = None) -> str:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(data), filename="products.csv", content_type="text/csv")
        if webhook_url is not None:
            form.add_field("webhook_url", webhook_url)
        async with self.http.post(f"{self.url}/v1/requests", data=form) as response:
            answer = await response.json()
        if response.status != 202:
            raise WrongResult(f"an upload answered {response.status}: {answer}")
        return str(answer["request_id"])

    async def until_completed(self, request_id: str, poll_seconds: float) -> Mapping[str, Any]:
        """Waits until every image of the request is done and smaller; gives the request."""
        *_, request = [each async for each in self.progress(request_id, poll_seconds)]
        return request

    async def progress(self, request_id: str, poll_seconds: float) -> AsyncIterator[Mapping[str, Any]]:
        """The request again and again, the last time once every image of it is done and smaller. Polls
        itself: a long poll of the API looks for progress only every 300 ms.
        """
        give_up_at = time.monotonic() + COMPLETION_SECONDS
        request = await self.request(request_id)
        while request["completed_at"] is None:
            yield request
            if time.monotonic() > give_up_at:
                raise WrongResult(f"not completed within {COMPLETION_SECONDS:.0f} s: {request_id}")
            await asyncio.sleep(poll_seconds)
            request = await self.request(request_id)
        _check(request)
        yield request

    async def until_told(self, request_id: str) -> None:
        """Waits by one long poll until every image is done and smaller."""
        _check(await self._get(f"{self.url}/v1/requests/{request_id}?wait={LONGEST_POLL_SECONDS}"))

    async def request(self, request_id: str) -> Mapping[str, Any]:
        return await self._get(f"{self.url}/v1/requests/{request_id}")

    async def cancel(self, request_id: str) -> None:
        async with self.http.post(f"{self.url}/v1/requests/{request_id}/cancel") as response:
            if response.status >= 400:
                raise WrongResult(f"a cancel answered {response.status}: {await response.text()}")

    async def check_images(self, request_id: str, shop: Shop) -> None:
        """The first images as anyone would download them: JPEGs of the input's size, of no more bytes."""
        url = f"{self.url}/v1/requests/{request_id}/images"
        for row, image in enumerate((await self._get(url))["items"][:CHECKED_IMAGES]):
            async with self.http.get(image["output_url"]) as response:
                check_output(shop.file(row).read_bytes(), await response.read())

    async def _get(self, url: str) -> Mapping[str, Any]:
        async with self.http.get(url) as response:
            answer: Mapping[str, Any] = await response.json()
        if response.status != 200:
            raise WrongResult(f"{url} answered {response.status}: {answer}")
        return answer


@asynccontextmanager
async def open_user(stack: OwnStack) -> AsyncIterator[User]:
    async with aiohttp.ClientSession() as http:
        yield User(stack.endpoints["url"], http)


def _check(request: Mapping[str, Any]) -> None:
    counts = request["counts"]
    if counts["done"] != counts["images"]:
        raise WrongResult(f"a request ended with {counts}: {request['failures']}")
    if not 0 < request["bytes_out"] < request["bytes_in"]:
        raise WrongResult(f"{request['bytes_in']} bytes became {request['bytes_out']}")


def check_output(original: bytes, output: bytes) -> None:
    with Image.open(io.BytesIO(original)) as before, Image.open(io.BytesIO(output)) as after:
        after.load()
        if (after.format, after.size) != ("JPEG", before.size):
            raise WrongResult(f"{before.format} {before.size} became {after.format} {after.size}")
    if len(output) > len(original):
        raise WrongResult(f"{len(original)} bytes became {len(output)}")
