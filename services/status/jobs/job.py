"""What a job is: one step that is repeated, and what calls for it."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from shared.waits import wait_for, wait_for_beat

POLL_SECONDS = 0.25  # how long another process's work may lie before it is found, while nobody tells of it

Step = Callable[[asyncio.Event], Awaitable[bool]]


class Signal:
    """Calls a job of this process to work at once."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._coming: asyncio.Handle | None = None
        self._comes_at = math.inf

    def set(self) -> None:
        if self._coming is not None:
            self._coming.cancel()
        self._come()

    def set_within(self, seconds: float) -> None:
        """Several calls become one, the earliest."""
        if self._event.is_set():
            return
        loop = asyncio.get_running_loop()
        at = loop.time() + seconds
        if self._comes_at <= at:
            return
        if self._coming is not None:
            self._coming.cancel()
        self._coming, self._comes_at = loop.call_at(at, self._come), at

    def _come(self) -> None:
        self._coming, self._comes_at = None, math.inf
        self._event.set()

    def clear(self) -> None:
        self._event.clear()

    async def wait(self, seconds: float) -> None:
        """For so long at most."""
        await wait_for(self._event, seconds)

    async def rest(self, seconds: float | None) -> None:
        """For about so long at most; None: until it comes."""
        if seconds is None:
            await self._event.wait()
        else:
            await wait_for_beat(self._event, seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The step gets an event that says when to stop, and says whether there may be more to do at once."""

    name: str
    step: Step
    signal: Signal = field(default_factory=Signal)
    poll_seconds: float = POLL_SECONDS
    is_called: Callable[[], bool] = lambda: False  # whether it hears of all that there is to do

    def rest_seconds(self) -> float | None:
        """None: until it is called."""
        return None if self.is_called() else self.poll_seconds
