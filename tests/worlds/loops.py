"""The event loops that a test runs on: Python's own, and the one of the services."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop

from tests.worlds.patience import DEADLINE_SECONDS

MakeLoop = Callable[[], asyncio.AbstractEventLoop]
LOOPS: list[MakeLoop] = [asyncio.new_event_loop, uvloop.new_event_loop]


def run(make_loop: MakeLoop, main: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=make_loop) as runner:
        runner.run(asyncio.wait_for(main, DEADLINE_SECONDS))
