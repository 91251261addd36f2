"""Keeps what is not worth doing all the time from being done too often (pure)."""

import math
from dataclasses import dataclass


@dataclass(slots=True)
class Throttle:
    """Rests for so many seconds whenever it is told to. Before the first time it does not rest."""

    seconds: float
    _rests_until: float = -math.inf

    def rests(self, now: float) -> bool:
        return now < self._rests_until

    def rest(self, now: float) -> None:
        self._rests_until = now + self.seconds
