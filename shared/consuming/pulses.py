"""Notes when each task last began a call. Every call has a bound of its own, so a task whose pulse is older
than all bounds hangs.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Pulses:
    """Of one consumer's tasks."""

    clock: Callable[[], float]
    loop: asyncio.AbstractEventLoop | None = None  # of its tasks, once there was one
    _at: dict[asyncio.Task[Any], float] = field(default_factory=dict)

    def begin(self, task: asyncio.Task[Any]) -> None:
        self.loop = task.get_loop()
        self._at[task] = self.clock()

    def note(self) -> None:
        """Of the task that calls, if it is one of ours."""
        task = asyncio.current_task(self.loop)
        if task is not None and task in self._at:
            self._at[task] = self.clock()

    def end(self, task: asyncio.Task[Any]) -> None:
        self._at.pop(task, None)

    def silent_seconds(self, task: asyncio.Task[Any]) -> float:
        return self.clock() - self._at[task]
