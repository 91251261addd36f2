"""A loop whose clock jumps from one event to the next: minutes pass in no time."""

import asyncio
import selectors
from collections.abc import Awaitable, Callable
from typing import Any


def in_a_jumping_loop(story: Callable[[], Awaitable[None]]) -> None:
    async def whole() -> None:
        await story()

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        runner.run(whole())


class JumpingLoop(asyncio.SelectorEventLoop):
    """Nobody waits: time goes on to the next timer at once."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_JumpingSelector(self))

    def time(self) -> float:
        return self._now

    def jump(self, seconds: float) -> None:
        self._now += seconds


class _JumpingSelector(selectors.SelectSelector):
    def __init__(self, loop: JumpingLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        self._loop.jump(timeout or 0.0)
        return super().select(0)
