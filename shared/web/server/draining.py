"""A call that a stopping service has no time for is a 503 that says to come again, and never a plain 500."""

import asyncio
from dataclasses import replace
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.broken_off import BrokenOff
from shared.web.problems import Problem, unavailable

COME_AGAIN_SECONDS = 2  # another replica, or the next process of this one


class Draining:
    """An ASGI application around another."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._under_way: set[asyncio.Task[Any]] = set()
        self._is_over = False

    def give_up(self) -> None:
        """What has not been answered by now will not be. An answer that has begun is broken off."""
        self._is_over = True
        for task in self._under_way:
            task.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        if scope["type"] != "http" or task is None:
            await self._app(scope, receive, send)
            return
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        self._under_way.add(task)
        try:
            await self._app(scope, receive, noted)
        except asyncio.CancelledError as cancelled:
            if not self._is_over:
                raise
            task.uncancel()
            if started:
                raise BrokenOff("the service is being stopped") from cancelled
            await _stopping().response()(scope, receive, send)
        finally:
            self._under_way.discard(task)


def _stopping() -> Problem:
    problem = unavailable("The service is being stopped; repeat the call.", COME_AGAIN_SECONDS)
    return replace(problem, headers={**problem.headers, "Connection": "close"})
