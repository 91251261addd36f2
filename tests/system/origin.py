"""The host of a shop's images: as many different small JPEGs as asked for, as slowly as asked for."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

from tests.worlds.hosts.origin_server import open_origin, picture

WAITS_FOR_WHAT_IS_HELD = {"FETCH_SECONDS": "3600"}  # a stack's processor, instead of giving it up meanwhile


@dataclass
class Origin:
    delay_seconds: float = 0.0
    show: Callable[[str], web.Response] = picture
    fetched: Counter[str] = field(default_factory=Counter)
    base: str = ""
    _free: int | None = None  # so many more are answered, then nobody until `release`
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def hold(self, after: int = 0) -> None:
        self._free = after
        self._changed.set()

    def release(self) -> None:
        self._free = None
        self._changed.set()

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Origin"]:
        async with open_origin(self._answer) as self.base:
            yield self

    async def _answer(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        self.fetched[name] += 1
        await self._turn()
        await asyncio.sleep(self.delay_seconds)
        if name.startswith("missing"):
            return web.Response(status=404)
        if name.startswith("text"):
            return web.Response(text="no image")
        return self.show(name)

    async def _turn(self) -> None:
        while self._free == 0:
            self._changed.clear()
            await self._changed.wait()
        if self._free is not None:
            self._free -= 1

    def csv(self, products: int, images_each: int = 1) -> str:
        lines = ["S. No.,Product Name,Input Image Urls"]
        for number in range(1, products + 1):
            urls = ",".join(f"{self.base}/{number}-{image}.jpg" for image in range(images_each))
            lines.append(f'{number},Product {number},"{urls}"')
        return "\n".join(lines) + "\n"
