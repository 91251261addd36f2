"""A host that takes only so many requests a second, before the whole stack with its two processors."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from tests.system.client import Client
from tests.system.origin import JPEG
from tests.worlds.limiting_hosts import Bucket

PER_SECOND = 10.0
IMAGES = 60


@dataclass
class LimitedOrigin:
    status: int
    retry_after: str | None
    bucket: Bucket = field(default_factory=lambda: Bucket(PER_SECOND))
    answered: Counter[int] = field(default_factory=Counter)
    base: str = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator["LimitedOrigin"]:
        app = web.Application()
        app.router.add_get("/{name}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield self
        finally:
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        if self.bucket.serves(time.monotonic()):
            self.answered[200] += 1
            return web.Response(body=JPEG + request.match_info["name"].encode(), content_type="image/jpeg")
        self.answered[self.status] += 1
        told = {} if self.retry_after is None else {"Retry-After": self.retry_after}
        return web.Response(status=self.status, headers=told)

    def csv(self) -> str:
        lines = [f"{number},Product {number},{self.base}/{number}.jpg" for number in range(IMAGES)]
        return "\n".join(["S. No.,Product Name,Input Image Urls", *lines]) + "\n"


@pytest.mark.parametrize(("status", "retry_after"), [(429, None), (429, "1"), (503, "1")])
async def test_all_images_of_a_host_that_takes_ten_a_second_are_done(
    client: Client, status: int, retry_after: str | None
) -> None:
    """R29: 5 to 15 s each, for so long the host takes."""
    async with LimitedOrigin(status, retry_after).open() as origin:
        accepted = await client.upload(origin.csv())
        ended = await client.until_ended(accepted.body["request_id"])
    assert (ended["state"], ended["counts"]["done"]) == ("completed", IMAGES)
    assert origin.answered[200] == IMAGES
    assert origin.answered[status] > 0
