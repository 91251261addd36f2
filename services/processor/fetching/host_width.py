"""How many requests at once one host gets (pure): few at first, more as long as its answers take no longer
for that, fewer when they do or do not come. It knows neither rates nor rests.

A small shop's server makes two pictures at a time, and those that wait there behind our own requests time out
as if it did not answer.
"""

import math
from dataclasses import dataclass

FIRST = 2  # before a host is known
PROMPT_SECONDS = 1.5  # so soon an answer comes in time, even if it waited
LONG_SECONDS = 5.0  # half of the time-out
LATER = 1.5  # times as long as the quickest: it waited behind others of ours
FORGETTING = 1.02  # with each answer: one quick one of many says nothing for ever
CAUTION = 0.1  # how much slower a host of long answers is tried again once it was asked for too much
HALVE_AT_MOST_EVERY_SECONDS = 1.0


@dataclass(slots=True, kw_only=True)
class HostWidth:
    limit: int
    allowed: float = 0.0
    _quickest_seconds: float = math.inf
    _halved_at: float = -math.inf

    def __post_init__(self) -> None:
        self.allowed = float(min(FIRST, self.limit))

    def answered(self, took_seconds: float) -> None:
        self._quickest_seconds = min(FORGETTING * self._quickest_seconds, took_seconds)
        if took_seconds <= max(PROMPT_SECONDS, LATER * self._quickest_seconds):
            self.allowed = min(float(self.limit), self.allowed + self._growth(took_seconds))
        elif took_seconds > LONG_SECONDS:
            self.allowed = max(1.0, self.allowed - 1 / self.allowed)

    def overloaded(self, now: float) -> None:
        """Of requests that were sent at once, many say so at once."""
        if now - self._halved_at >= HALVE_AT_MOST_EVERY_SECONDS:
            self.allowed, self._halved_at = max(1.0, self.allowed / 2), now

    def find_out(self) -> None:
        """One request at a time, until it is answered."""
        self.allowed = 1.0

    def _growth(self, took_seconds: float) -> float:
        if self._halved_at == -math.inf:
            return 1.0
        return (1.0 if took_seconds <= PROMPT_SECONDS else CAUTION) / self.allowed
