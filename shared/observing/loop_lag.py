"""How long the event loop has stood still in all, also right now: time that is ours and nobody else's.

Whoever waits for another compares two readings: what passed between them is no reason to blame the other.
"""

import math
import time
from collections.abc import Callable

NOISE_SECONDS = 0.05  # so much later than asked for is any busy loop


class LoopLag:
    """Kept by `watch_event_loop`, which turns it a few times a second."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._late_seconds = 0.0
        self._due = math.inf  # while nobody watches nothing is late

    def late_seconds(self) -> float:
        """In all. A turn that is overdue now counts: after standing still, time-outs may be told first."""
        return self._late_seconds + self._overdue()

    def expect_turn(self, seconds: float) -> None:
        """After so long."""
        self._due = self._clock() + seconds

    def turned(self) -> float:
        """How much later the turn came than it should have. The next one must be expected anew."""
        late_seconds = max(0.0, self._clock() - self._due)
        self._late_seconds += self._overdue()
        self._due = math.inf
        return late_seconds

    def ended(self) -> None:
        self._due = math.inf

    def _overdue(self) -> float:
        late_seconds = self._clock() - self._due
        return late_seconds if late_seconds > NOISE_SECONDS else 0.0


LOOP_LAG = LoopLag()  # of this process's one loop
