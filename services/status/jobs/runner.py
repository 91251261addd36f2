"""Keeps a job going: it repeats the step, wakes when it is called or after a while, and outlives every
dependency. This is the jobs' runner, and so the one place that catches everything.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from services.status.jobs.job import Job
from shared.observing.contact import Contact
from shared.observing.health import Health
from shared.observing.logs import Action, log
from shared.outcomes import Away, Refused
from shared.waits import called_when, wait_for

AWAY_SECONDS = 0.5
FAILED_SECONDS = 2.0
LONG_STEP_SECONDS = 30.0  # longer than a step waits for any dependency that hangs


@dataclass(slots=True)
class JobRunner:
    """One job, repeated until `stopping`; a step under way then has `drain_seconds` to end. While a
    dependency is away the service is not ready.
    """

    job: Job
    health: Health
    drain_seconds: float
    _contact: Contact = field(init=False)

    def __post_init__(self) -> None:
        self._contact = Contact(job=self.job.name)

    async def __call__(self, stopping: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()

        def drain() -> None:
            self.job.signal.set()
            time_left.reschedule(loop.time() + self.drain_seconds)

        with suppress(TimeoutError):  # each step can be repeated, by whoever comes next
            async with asyncio.timeout(None) as time_left:
                with called_when(stopping, drain):
                    await self._repeat(stopping)

    async def _repeat(self, stopping: asyncio.Event) -> None:
        job = self.job
        while not stopping.is_set():
            job.signal.clear()  # before the step: what comes during it is not lost
            try:
                more = await self._step(stopping)
            except Away as away:
                self._away(away)
                await wait_for(stopping, AWAY_SECONDS)
            except Refused as refused:  # it answers, and others may get what they ask for: no outage
                self._contact.lost(dependency="store", answer="refused", reason=str(refused))
                self.health.ready(job.name)
                await wait_for(stopping, FAILED_SECONDS)
            except Exception:  # noqa: BLE001 - a bug in one step must not end the others
                log.exception(Action.JOB_FAILED, job=job.name)
                await wait_for(stopping, FAILED_SECONDS)
            else:
                self._back()
                if not more and not stopping.is_set():  # a step may have taken the call to stop for another
                    await job.signal.rest(job.rest_seconds())

    async def _step(self, stopping: asyncio.Event) -> bool:
        # A step that goes on for so long works: a dependency that is away would have shown.
        works = asyncio.get_running_loop().call_later(LONG_STEP_SECONDS, self._back)
        try:
            return await self.job.step(stopping)
        finally:
            works.cancel()

    def _away(self, away: Away) -> None:
        self._contact.away(away)
        self.health.unready(self.job.name, str(away))

    def _back(self) -> None:
        self._contact.found()
        self.health.ready(self.job.name)
