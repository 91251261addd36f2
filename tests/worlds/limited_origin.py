"""A real image host on loopback that takes only so many requests a second."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.worlds.limiting_hosts import Bucket
from tests.worlds.origin_server import open_origin, picture


@dataclass
class LimitedOrigin:
    """It counts what it served and what it turned away."""

    bucket: Bucket
    status: int = 429
    retry_after: str | None = None
    answered: Counter[int] = field(default_factory=Counter)
    base: str = ""

    @asynccontextmanager
    async def open(self) -> AsyncIterator["LimitedOrigin"]:
        async with open_origin(self._answer) as self.base:
            yield self

    async def _answer(self, request: web.Request) -> web.Response:
        if self.bucket.serves(time.monotonic()):
            self.answered[200] += 1
            return picture(request.match_info["name"])
        self.answered[self.status] += 1
        told = {} if self.retry_after is None else {"Retry-After": self.retry_after}
        return web.Response(status=self.status, headers=told)

    def csv(self, images: int) -> str:
        lines = [f"{number},Product {number},{self.base}/{number}.jpg" for number in range(images)]
        return "\n".join(["S. No.,Product Name,Input Image Urls", *lines]) + "\n"
