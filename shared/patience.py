"""A time-out around what a task awaits, as `asyncio.timeout`, but cheap enough for what every message does.

That one looks for its loop three times, and in Python 3.11 asks the kernel each time; this once at most.
"""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Patience:
    """`with Patience(seconds):` raises TimeoutError where the block takes longer, and only then. `loop` is
    the running one, where the caller knows it.
    """

    __slots__ = ("_before", "_due", "_left_seconds", "_loop", "_task", "_timer", "has_ended")

    def __init__(self, seconds: float, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.has_ended = False
        self._loop = asyncio.get_running_loop() if loop is None else loop
        self._left_seconds = seconds
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        task = asyncio.current_task(self._loop)
        if task is None:
            raise RuntimeError("no task is there to be patient")
        self._task, self._before = task, task.cancelling()
        self.go_on()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pause()
        is_cancelled_by_us_alone = self.has_ended and self._task.uncancel() <= self._before
        if is_cancelled_by_us_alone and isinstance(error, asyncio.CancelledError):
            raise TimeoutError from error

    @property
    def left_seconds(self) -> float:
        """As of the latest pause, or of the end."""
        return self._left_seconds

    def pause(self) -> None:
        """What happens until `go_on` takes none of the time."""
        if self._timer is not None:
            self._left_seconds = max(0.0, self._left())
            self._timer.cancel()
            self._timer = None

    def go_on(self) -> None:
        if not self.has_ended:
            self._due = self._loop.time() + self._left_seconds
            self._timer = self._loop.call_at(self._due, self._end)

    def _left(self) -> float:
        return self._due - self._loop.time()

    def _end(self) -> None:
        self._timer = None
        self.has_ended = True
        self._task.cancel()


class FairPatience(Patience):
    """With somebody else: what `late_seconds` says that we stood still ourselves meanwhile takes none of the
    time. What he sent by then is read first.
    """

    __slots__ = ("_late_before", "_late_seconds")

    def __init__(
        self,
        seconds: float,
        late_seconds: Callable[[], float],
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(seconds, loop)
        self._late_seconds = late_seconds

    def go_on(self) -> None:
        self._late_before = self._late_seconds()
        super().go_on()

    def _left(self) -> float:
        return super()._left() + self._late_seconds() - self._late_before

    def _end(self) -> None:
        left_seconds = self._left() if self._late_seconds() > self._late_before else 0.0
        if left_seconds > 0:
            self._left_seconds = left_seconds
            self.go_on()
        else:
            super()._end()
