"""Measures how much of a fetch's time was our own (pure). A host that seemed silent, slow or gone is not
judged where our event loop stood still meanwhile, or its body had to wait for our memory.
"""

import time
from collections.abc import Callable

from services.processor.verdicts import Failure
from shared.contract.codes import Code, FailureCode

LEAST_SHARE = 0.1  # of the visit
LEAST_SECONDS = 0.5

# What a host does not deserve that had to wait for us. A lookup has a time-out, too.
BY_TIME: frozenset[Code] = frozenset(
    {FailureCode.TIMED_OUT, FailureCode.TOO_SLOW, FailureCode.CONNECTION_LOST, FailureCode.DNS_FAILED}
)


class OurTime:
    """Of one visit, from its begin on."""

    def __init__(
        self, late_seconds: Callable[[], float], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._late_seconds = late_seconds
        self._clock = clock
        self._began, self._late_before = clock(), late_seconds()
        self._waited_seconds = 0.0

    def add(self, seconds: float) -> None:
        """Waited for something of ours."""
        self._waited_seconds += seconds

    def excuses(self, failure: Failure) -> bool:
        if failure.code not in BY_TIME:
            return False
        ours = self._waited_seconds + self._late_seconds() - self._late_before
        return ours >= max(LEAST_SECONDS, LEAST_SHARE * (self._clock() - self._began))
