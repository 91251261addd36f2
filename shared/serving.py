"""Runs one service: its HTTP server and its jobs in one TaskGroup, from start to drain.

SIGTERM or SIGINT sets `stopping`; every side drains; a side that dies takes the process with it.
"""

import asyncio
import gc
import logging
import math
import signal
import socket
from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn
import uvloop
from starlette.types import ASGIApp

from shared.observing.logs import Action, log
from shared.observing.vitals import watch_event_loop
from shared.settings import ServiceSettings, WrongSetting, exit_for
from shared.waits import wait_for_beat
from shared.web.broken_off import is_news
from shared.web.metrics import Measured
from shared.web.server.connections import ImpatientProtocol
from shared.web.server.draining import CallsUnderWay

DATE_SECONDS = 1.0
QUIET_SECONDS = 60  # for which a connection is kept: by one that has ended a gateway can send no POST again
ANSWERED_BY = 0.9  # of the time to drain; what is left is for telling those who were not

Side = Callable[[asyncio.Event], Awaitable[None]]  # a job beside the HTTP server; it ends when told to stop
E = TypeVar("E", bound=BaseException)


class SideEndedError(RuntimeError):
    """A side returned although nobody asked it to stop."""


class CannotListenError(WrongSetting):
    """Somebody else has the port, or the host is none of this machine's."""

    def __init__(self, reason: str) -> None:
        super().__init__("HOST, PORT", reason)


def run_service(service: Coroutine[Any, Any, None]) -> None:
    """A whole service, in a loop of its own."""
    with wrong_settings_told():
        uvloop.run(service)


@contextmanager
def wrong_settings_told() -> Generator[None, None, None]:
    """Each that shows only when it is used, as those that could not be read: a line, and the exit code."""
    try:
        yield
    except (WrongSetting, BaseExceptionGroup) as ended:
        if (wrong := cause(ended, WrongSetting)) is None:
            raise
        exit_for(wrong.name, wrong.reason)


def cause(ended: BaseException, kind: type[E]) -> E | None:
    """The first of this kind by which a service ended, whatever else ended with it."""
    if isinstance(ended, kind):
        return ended
    inner = ended.exceptions if isinstance(ended, BaseExceptionGroup) else ()
    return next((found for each in inner if (found := cause(each, kind)) is not None), None)


async def serve(app: ASGIApp, calls: CallsUnderWay, settings: ServiceSettings, sides: Sequence[Side]) -> None:
    """`calls` are those of the application within `app`."""
    _rest_the_collector()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signum, stopping.set)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_serve_http(app, calls, settings, stopping))
        for side in (watch_event_loop, *sides):
            tasks.create_task(_run_side(side, stopping))
    log.info(Action.SERVICE_STOPPED)


def _rest_the_collector() -> None:
    """What is made at the start stays for good. Walking over it at each collection held the loop up, and took
    a third of a large answer's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _run_side(side: Side, stopping: asyncio.Event) -> None:
    """A task group thinks that a cancelled task was to end. One that nobody cancelled is a side that died."""
    try:
        await side(stopping)
    except asyncio.CancelledError as cancelled:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise SideEndedError(f"{side} was cancelled by something within it") from cancelled
    if not stopping.is_set():
        raise SideEndedError(f"{side} ended by itself")


class HttpServer(uvicorn.Server):
    """uvicorn would take SIGTERM and SIGINT for itself; here they belong to `serve`. And it would look ten
    times a second whether it is to end; here it is told.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        for is_told in (is_news, _is_no_refusal):
            logging.getLogger("uvicorn.error").addFilter(is_told)
        self._ending = asyncio.Event()

    def end(self) -> None:
        self.should_exit = True
        self._ending.set()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Uvicorn would end the process out of a task: the loop stops then, and nothing says goodbye."""
        try:
            await super().startup(sockets)
        except SystemExit as refused:
            raise CannotListenError(str(refused.__context__)) from refused
        log.info(Action.SERVICE_STARTED, host=self.config.host, port=self.config.port)

    async def main_loop(self) -> None:
        while not await self.on_tick(0):  # writes the date of answers
            await wait_for_beat(self._ending, DATE_SECONDS)


def _is_no_refusal(record: logging.LogRecord) -> bool:
    """Where it cannot listen, uvicorn logs the bare error; `CannotListenError` tells it with its setting."""
    return not isinstance(record.msg, OSError)


def http_config(app: ASGIApp, settings: ServiceSettings) -> uvicorn.Config:
    return uvicorn.Config(
        Measured(app),
        host=settings.host,
        port=settings.port,
        http=ImpatientProtocol,
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=QUIET_SECONDS,
        timeout_graceful_shutdown=math.ceil(settings.drain_seconds),
    )


async def _serve_http(
    app: ASGIApp, calls: CallsUnderWay, settings: ServiceSettings, stopping: asyncio.Event
) -> None:
    server = HttpServer(http_config(app, settings))
    serving = asyncio.create_task(server.serve())
    told = asyncio.create_task(stopping.wait())
    await asyncio.wait({serving, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    calls.become_last()
    server.end()
    answered_by = settings.drain_seconds * ANSWERED_BY
    giving_up = asyncio.get_running_loop().call_later(answered_by, calls.give_up)
    await serving
    giving_up.cancel()
    calls.give_up()
    if not stopping.is_set():
        raise SideEndedError("the HTTP server ended by itself")
