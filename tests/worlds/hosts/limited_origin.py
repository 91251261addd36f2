"""A real image host on loopback that takes only so many requests a second."""

import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.worlds.hosts.limiting_hosts import Bucket
from tests.worlds.hosts.origin_server import open_origin, picture


@dataclass
class LimitedOrigin:
    """It counts what it served and what it turned away. Its clock stands for its first visitors, one more
    than it serves at once: however slow a machine is, somebody is turned away.
    """

    bucket: Bucket
    status: int = 429
    retry_after: str | None = None
    answered: Counter[int] = field(default_factory=Counter)
    base: str = ""
    _visitors: int = 0
    _opened_at: float | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator["LimitedOrigin"]:
        async with open_origin(self._answer) as self.base:
            yield self

    async def _answer(self, request: web.Request) -> web.Response:
        if self.bucket.serves(self._time_of_visit()):
            self.answered[200] += 1
            return picture(request.match_info["name"])
        self.answered[self.status] += 1
        told = {} if self.retry_after is None else {"Retry-After": self.retry_after}
        return web.Response(status=self.status, headers=told)

    def _time_of_visit(self) -> float:
        self._visitors += 1
        if self._opened_at is None:
            self._opened_at = time.monotonic()
        return self._opened_at if self._visitors <= self.bucket.burst + 1 else time.monotonic()

    def csv(self, images: int) -> str:
        lines = [f"{number},Product {number},{self.base}/{number}.jpg" for number in range(images)]
        return "\n".join(["S. No.,Product Name,Input Image Urls", *lines]) + "\n"
