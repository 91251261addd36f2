"""What a job is: one step that is repeated, and what calls for it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from shared.waits import wait_for

POLL_SECONDS = 0.25  # how long another process's work may lie before it is found

Step = Callable[[asyncio.Event], Awaitable[bool]]


class Signal:
    """Calls a job of this process to work at once."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

        self._coming: asyncio.TimerHandle | None = None

    def set(self) -> None:
        self._event.set()

    def set_within(self, seconds: float) -> None:
        """Several calls within that time become one."""
        if self._coming is None and not self._event.is_set():
            self._coming = asyncio.get_running_loop().call_later(seconds, self._come)

    def _come(self) -> None:
        self._coming = None
        self._event.set()

    def clear(self) -> None:
        self._event.clear()

    async def wait(self, seconds: float) -> None:
        await wait_for(self._event, seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """The step gets an event that says when to stop, and says whether there may be more to do at once."""

    name: str
    step: Step
    signal: Signal = field(default_factory=Signal)
    poll_seconds: float = POLL_SECONDS
