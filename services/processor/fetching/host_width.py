"""How many requests at once one host gets (pure): few at first, more as long as its answers take no longer
for that, fewer when they do or do not come. It knows neither rates nor rests.

A small shop's server makes two pictures at a time. What is asked for beyond that waits there behind our own
requests, until it times out as if nobody answered, or is cut off at once, and the next one too.
"""

import math
from dataclasses import dataclass

FIRST = 2  # before a host is known
PROMPT_SECONDS = 1.5  # so soon an answer comes in time, even if it waited
LONG_SECONDS = 5.0  # half of the time-out
LATER = 1.5  # times as long as the quickest: it waited behind others of ours
FORGETTING = 1.02  # with each answer: one quick one of many says nothing for ever
CAUTION = 0.1  # how much slower more is tried of long answers, and near what was too much
HALVE_AT_MOST_EVERY_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 5.0
TROUBLES_IN_A_ROW = 10  # with no answer between: then it is not for our number


@dataclass(slots=True, kw_only=True)
class HostWidth:
    limit: int
    allowed: float = 0.0
    opens_at: float = 0.0
    _quickest_seconds: float = math.inf
    _halved_at: float = -math.inf
    _too_many: float = math.inf  # what was allowed when it was overloaded
    _troubles_in_a_row: int = 0

    def __post_init__(self) -> None:
        self.allowed = float(min(FIRST, self.limit))

    def answered(self, took_seconds: float) -> None:
        self._troubles_in_a_row = 0
        self._quickest_seconds = min(FORGETTING * self._quickest_seconds, took_seconds)
        if took_seconds <= max(PROMPT_SECONDS, LATER * self._quickest_seconds):
            self._widen(self._growth(took_seconds))
        elif took_seconds > LONG_SECONDS:
            self.allowed = max(1.0, self.allowed - 1 / self.allowed)

    def answered_without_picture(self, took_seconds: float) -> None:
        """As by a 404, which costs a host next to nothing: it counts only while no picture has come."""
        if self._quickest_seconds == math.inf and took_seconds <= PROMPT_SECONDS:
            self._widen(self._growth(took_seconds))

    def overloaded(self, now: float) -> None:
        """Of requests that were sent at once, many say so at once."""
        if now - self._halved_at >= HALVE_AT_MOST_EVERY_SECONDS:
            self._too_many = self.allowed
            self.allowed, self._halved_at = max(1.0, self.allowed / 2), now

    def lost(self, sent_at: float, now: float) -> None:
        """It cuts off what is beyond its connections, or says that something went wrong there."""
        if self._troubles_in_a_row >= TROUBLES_IN_A_ROW:
            self._widen(1 / self.allowed)
            return
        known = self._halved_at, self.opens_at
        self.overloaded(now)
        if now >= self.opens_at:
            self._pause(now - sent_at, now)
        self._troubles_in_a_row += known != (self._halved_at, self.opens_at)

    def _pause(self, took_seconds: float, now: float) -> None:
        """The place of one that was cut off is free sooner than others, and the next would be burnt like it.
        It is sent when one of ours may have ended, or one of somebody else: each time that takes longer.
        """
        if self._quickest_seconds < math.inf and took_seconds < self._quickest_seconds / 2:
            pause_seconds = self._quickest_seconds * 2**self._troubles_in_a_row
            self.opens_at = now + min(LONGEST_PAUSE_SECONDS, pause_seconds)

    def find_out(self) -> None:
        """One request at a time, until it is answered."""
        self.allowed = 1.0

    def _widen(self, by: float) -> None:
        self.allowed = min(float(self.limit), self.allowed + by)

    def _growth(self, took_seconds: float) -> float:
        if self._halved_at == -math.inf:
            return 1.0
        is_bold = took_seconds <= PROMPT_SECONDS and abs(self.allowed - self._too_many) > 1
        return (1.0 if is_bold else CAUTION) / self.allowed
