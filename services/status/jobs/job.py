"""Keeps the engine's jobs going: each repeats one step, wakes when it is called or after a while, and
outlives every dependency. This is the jobs' runner, and so the one place that catches everything.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from shared.observing.health import Health
from shared.observing.logs import Action, log
from shared.outcomes import Away
from shared.waits import wait_for

POLL_SECONDS = 0.25  # how long another process's work may lie before it is found
AWAY_SECONDS = 0.5
FAILED_SECONDS = 2.0
LONG_STEP_SECONDS = 10.0

Step = Callable[[asyncio.Event], Awaitable[bool]]


class Signal:
    """Calls a job of this process to work at once."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def set(self) -> None:
        self._event.set()

    def clear(self) -> None:
        self._event.clear()

    async def wait(self, seconds: float) -> None:
        await wait_for(self._event, seconds)


@dataclass(frozen=True)
class Job:
    """One step, repeated until `stopping`. The step says whether there may be more to do at once."""

    name: str
    step: Step
    health: Health
    signal: Signal = field(default_factory=Signal)
    poll_seconds: float = POLL_SECONDS

    async def __call__(self, stopping: asyncio.Event) -> None:
        waker = asyncio.create_task(self._wake_at(stopping))
        try:
            await self._repeat(stopping)
        finally:
            waker.cancel()

    async def _wake_at(self, stopping: asyncio.Event) -> None:
        await stopping.wait()
        self.signal.set()

    async def _repeat(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            self.signal.clear()  # before the step: what comes during it is not lost
            try:
                more = await self._step(stopping)
            except Away as away:
                self._away(away)
                await wait_for(stopping, AWAY_SECONDS)
            except Exception:  # noqa: BLE001 - a bug in one step must not end the others
                log.exception(Action.JOB_FAILED, job=self.name)
                await wait_for(stopping, FAILED_SECONDS)
            else:
                self._back()
                if not more:
                    await self.signal.wait(self.poll_seconds)

    async def _step(self, stopping: asyncio.Event) -> bool:
        # A step that goes on for so long works: a dependency that is away would have shown.
        works = asyncio.get_running_loop().call_later(LONG_STEP_SECONDS, self._back)
        try:
            return await self.step(stopping)
        finally:
            works.cancel()

    def _away(self, away: Away) -> None:
        if self.name not in self.health.reasons():
            log.warning(Action.DEPENDENCY_AWAY, job=self.name, dependency=away.dependency, reason=away.reason)
        self.health.unready(self.name, str(away))

    def _back(self) -> None:
        if self.name in self.health.reasons():
            log.info(Action.DEPENDENCY_BACK, job=self.name)
        self.health.ready(self.name)
