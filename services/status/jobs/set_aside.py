"""Which requests wait because their work failed: each time longer, while it goes on failing."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.observing.metrics import SET_ASIDE

FIRST_SECONDS = 5.0
LONGEST_SECONDS = 300.0
FORGET_SECONDS = 2 * LONGEST_SECONDS  # after it was due: somebody else did it, or it is deleted


@dataclass(slots=True)
class _Entry:
    failures: int
    due: float


@dataclass(frozen=True)
class SetAside:
    """The requests for which one kind of work failed in this process; their number is a metric."""

    work: str
    clock: Callable[[], float] = time.monotonic
    _entries: dict[UUID, _Entry] = field(default_factory=dict)

    def __post_init__(self) -> None:
        SET_ASIDE.labels(self.work)  # the metric is there from the start, as 0

    def failed(self, request_id: UUID) -> float:
        """Returns for how many seconds the request waits now."""
        if request_id not in self._entries:
            SET_ASIDE.labels(self.work).inc()
        entry = self._entries.setdefault(request_id, _Entry(0, 0.0))
        seconds = min(FIRST_SECONDS * 2.0 ** min(entry.failures, 20), LONGEST_SECONDS)
        entry.failures += 1
        entry.due = self.clock() + seconds
        return seconds

    def succeeded(self, request_id: UUID) -> None:
        if self._entries.pop(request_id, None) is not None:
            SET_ASIDE.labels(self.work).dec()

    def waiting(self) -> Sequence[UUID]:
        now = self.clock()
        for request_id in [each for each, entry in self._entries.items() if entry.due + FORGET_SECONDS < now]:
            self.succeeded(request_id)
        return [request_id for request_id, entry in self._entries.items() if entry.due > now]
