"""What waits and how fast it goes: read now and then, for the metrics and for whoever scales processors."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial

from services.status.images.processors_wanted import (
    ASSUMED_IMAGES_PER_SECOND,
    Observed,
    learned_rate,
    processors_wanted,
)
from services.status.images.window import Flow, observed, window
from services.status.jobs.throttle import Throttle
from services.status.postgres.bounded_reads import BoundedReads
from services.status.postgres.statements import SQL
from services.status.records.database_row import Row
from shared.contract.events import RequestState
from shared.observing import metrics
from shared.observing.contact import Contact
from shared.outcomes import Away

READ_SECONDS = 2.0
COUNT_SECONDS = 15.0  # between two counts of the processors
OLD_SECONDS = 20.0  # what was read longer ago says nothing

CountProcessors = Callable[[], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class BacklogNow:
    """What an autoscaler is told."""

    open_images: int
    images_per_second_per_processor: float
    processors_wanted: int


@dataclass(slots=True)
class Backlog:
    """The whole backlog, in every status process: their numbers must not be added up."""

    reads: BoundedReads
    count_processors: CountProcessors
    clock: Callable[[], float] = time.monotonic
    _flow: Flow | None = None
    _processors: int = 0
    _rate: float = ASSUMED_IMAGES_PER_SECOND
    _latest: BacklogNow | None = None
    _read_at: float = -math.inf
    _counting: Throttle = field(default_factory=partial(Throttle, COUNT_SECONDS))
    _contact: Contact = field(default_factory=lambda: Contact(work="backlog"))

    def latest(self) -> BacklogNow | None:
        """None when nothing recent is known: whoever scales then leaves everything as it is."""
        return self._latest if self.clock() - self._read_at < OLD_SECONDS else None

    async def step(self, _: asyncio.Event) -> bool:
        await self._count()
        (row,) = await self.reads.fetch(SQL["backlog"])
        self._flow = observed(self._flow, row["answered_images"], row["work_seconds"], row["now"])
        seen = Observed(row["open_images"], self._flow.per_second, self._processors)
        self._rate = learned_rate(self._rate, seen)
        wanted = processors_wanted(seen.open_images, self._rate)
        self._latest = BacklogNow(seen.open_images, round(self._rate, 2), wanted)
        self._read_at = self.clock()
        _show(row, self._flow, self._latest)
        return False

    async def _count(self) -> None:
        if self._counting.rests(self.clock()):
            return
        self._counting.rest(self.clock())
        try:
            self._processors = await self.count_processors()
        except Away as error:  # the last count stands
            self._contact.away(error)
        else:
            self._contact.found()


def _show(row: Row, flow: Flow, now: BacklogNow) -> None:
    metrics.BACKLOG_IMAGES.set(now.open_images)
    metrics.RESTING_IMAGES.set(row["resting_images"])
    metrics.IN_FLIGHT_IMAGES.set(row["in_flight"])
    metrics.WINDOW_IMAGES.set(window(flow))
    metrics.COMPLETION_RATE.set(flow.per_second)
    metrics.PROCESSORS_WANTED.set(now.processors_wanted)
    metrics.OLDEST_REQUEST.set(row["oldest_seconds"])
    metrics.DELIVERIES_OVERDUE.set(row["deliveries_overdue"])
    metrics.DELIVERIES_UNANSWERED.set(row["deliveries_unanswered"])
    for state in (RequestState.PENDING, RequestState.PROCESSING):
        metrics.REQUESTS.labels(state.value).set(row[state.value])
    for state in (RequestState.COMPLETED, RequestState.FAILED, RequestState.CANCELLED):
        metrics.REQUESTS_ENDED.labels(state.value)  # shown as 0 before the first one ends
