"""Receivers of webhooks: good ones, some that fail or hang for a while and recover, one that wants no more.
Each notes what came before it answers, and then what it answered.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from aiohttp import web

from chaos.live.journal import UNKNOWN, Journal, Posted, Replied
from chaos.live.load.serving import serving
from deploy.local.free_ports import free_port

CANARY = "CANARY-9f2e"  # in what only the receiver may ever see
MOST_BODY_BYTES = 4 * 1024 * 1024
PHASE_SECONDS = 20.0  # of failing or hanging, and then as long of none of it
HANGS_SECONDS = 20.0  # longer than a post may take


class Manner(StrEnum):
    GOOD = "good"
    FAILING = "failing"  # for a while, and then no more, and again
    HANGING = "hanging"  # likewise
    GONE = "gone"


@dataclass(slots=True, kw_only=True)
class Receivers:
    journal: Journal
    calm: asyncio.Event
    port: int = field(default_factory=free_port)
    clock: Callable[[], float] = time.monotonic
    _began: float = 0.0

    def url(self, manner: Manner, name: str) -> str:
        """With secrets in each place where people put them."""
        return f"http://{CANARY}-user:{CANARY}-password@127.0.0.1:{self.port}/{manner}/{name}?token={CANARY}"

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Receivers"]:
        app = web.Application(client_max_size=MOST_BODY_BYTES)
        app.router.add_post("/{manner}/{name}", self._take)
        self._began = self.clock()
        async with serving(app, self.port):
            yield self

    async def _take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = (await request.read()).decode("latin-1")
        self.journal.add(Posted(path=request.path, headers=headers, body=body))
        status = UNKNOWN
        try:
            status = await self._status(Manner(request.match_info["manner"]))
            return web.Response(status=status)
        finally:
            self.journal.add(Replied(webhook_id=headers.get("webhook-id", ""), status=status))

    async def _status(self, manner: Manner) -> int:
        match manner:
            case Manner.GONE:
                return 410
            case Manner.FAILING if self._is_bad():
                return 500
            case Manner.HANGING if self._is_bad():
                await asyncio.sleep(HANGS_SECONDS)
                return 504
            case Manner.GOOD | Manner.FAILING | Manner.HANGING:
                return 204
            case _:
                assert_never(manner)

    def _is_bad(self) -> bool:
        return not self.calm.is_set() and int((self.clock() - self._began) / PHASE_SECONDS) % 2 == 0
