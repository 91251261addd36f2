"""A call that a stopping service has no time for is a 503 that says to come again, and never a plain 500."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.broken_off import BrokenOff
from shared.web.log import x_request_id
from shared.web.problems import unavailable

COME_AGAIN_SECONDS = 2  # another replica, or the next process of this one
_STOPPING = unavailable("The service is being stopped; repeat the call.", COME_AGAIN_SECONDS)


def install_draining(app: FastAPI) -> None:
    """Inside the log of calls, which tells of these answers as of others, and inside what every answer bears;
    around whatever may wait.
    """
    app.state.calls = CallsUnderWay()
    app.add_middleware(_Draining, calls=app.state.calls)


def calls_under_way(app: FastAPI) -> "CallsUnderWay":
    calls: CallsUnderWay = app.state.calls
    return calls


@dataclass(slots=True)
class CallsUnderWay:
    """Those of one service, which is told when they are the last ones, and when there is no more time."""

    are_last: bool = False
    are_over: bool = False
    _tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    _given_up: set[asyncio.Task[Any]] = field(default_factory=set)

    def become_last(self) -> None:
        """Each that comes from now on ends its connection. uvicorn tells those alone that it knows by now: on
        one that comes a moment later calls would go on until all is cut off.
        """
        self.are_last = True

    def give_up(self) -> None:
        """What has not been answered by now will not be, nor what comes later. An answer that has begun is
        broken off.
        """
        self.are_over = True
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


@dataclass(slots=True)
class _Draining:
    app: ASGIApp
    calls: CallsUnderWay

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        task = asyncio.current_task()
        if scope["type"] != "http" or task is None:
            await self.app(scope, receive, send)
            return
        if self.calls.are_over:
            await _refuse(scope, receive, send)
            return
        started, is_last = False, self.calls.are_last

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            if is_last and message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        self.calls.begin(task)
        try:
            await self.app(scope, receive, noted)
        except asyncio.CancelledError as cancelled:
            if not self.calls.has_given_up(task):
                raise
            task.uncancel()
            if started:
                raise BrokenOff("the service is being stopped") from cancelled
            await _refuse(scope, receive, send)
        finally:
            self.calls.end(task)


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    answer = _STOPPING.response(x_request_id(Request(scope)))
    answer.headers["Connection"] = "close"
    await answer(scope, receive, send)
