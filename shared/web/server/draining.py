"""A call that a stopping service has no time for is a 503 that says to come again, and never a plain 500."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.broken_off import BrokenOff
from shared.web.log import x_request_id
from shared.web.problems import Problem, unavailable

COME_AGAIN_SECONDS = 2  # another replica, or the next process of this one


def install_draining(app: FastAPI) -> None:
    """Inside the log of calls, which tells of these answers as of others; around whatever may wait."""
    app.add_middleware(_Draining)


@dataclass(slots=True)
class CallsUnderWay:
    """Those of this process. A service is told when there is no more time for them."""

    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _given_up: set[asyncio.Task[Any]] = field(default_factory=set)

    def give_up(self) -> None:
        """What has not been answered by now will not be. An answer that has begun is broken off."""
        self._given_up |= self._tasks
        for task in self._tasks:
            task.cancel()

    def begin(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)

    def end(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self._given_up.discard(task)

    def has_given_up(self, task: asyncio.Task[Any]) -> bool:
        return task in self._given_up


CALLS_UNDER_WAY = CallsUnderWay()


@dataclass(slots=True)
class _Draining:
    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        if scope["type"] != "http" or task is None:
            await self.app(scope, receive, send)
            return
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        CALLS_UNDER_WAY.begin(task)
        try:
            await self.app(scope, receive, noted)
        except asyncio.CancelledError as cancelled:
            if not CALLS_UNDER_WAY.has_given_up(task):
                raise
            task.uncancel()
            if started:
                raise BrokenOff("the service is being stopped") from cancelled
            await _stopping().response(x_request_id(Request(scope)))(scope, receive, send)
        finally:
            CALLS_UNDER_WAY.end(task)


def _stopping() -> Problem:
    problem = unavailable("The service is being stopped; repeat the call.", COME_AGAIN_SECONDS)
    return replace(problem, headers={**problem.headers, "Connection": "close"})
