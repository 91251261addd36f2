"""Whether a host that answers most requests on other days is away as a whole (pure): then many new images in
a row get no answer, or a 502 from the proxy before it.

An image that has failed before says nothing of its host: in the end only such may be left.
"""

import math
from dataclasses import dataclass

PATIENCE_SECONDS = 600.0  # who has been away for longer may not come back
LEAST_IN_A_ROW = 10
BY_CHANCE = 1e-4  # how likely a row is at most that is no outage
VARIED_RESTS, VARIED_BY = 3, 1 / 6  # each third rest is as long as it is said, the others so much longer
PRESUMED_UNANSWERED = 5  # of a host that is new
REMEMBERED_IMAGES = 50  # earlier ones count less and less


@dataclass(slots=True)
class Outage:
    _images: int = PRESUMED_UNANSWERED  # new ones that were asked for
    _unanswered_share: float = 1.0
    _usual_share: float = 1.0  # before this row
    _in_a_row: int = 0
    _since: float = math.inf
    _answered_at: float = -math.inf

    def answered(self, now: float, *, is_new: bool) -> None:
        if is_new:
            self._count(was_answered=True)
        self._usual_share = self._unanswered_share
        self._in_a_row, self._since, self._answered_at = 0, math.inf, now

    def not_answered(self, sent_at: float, now: float, *, is_new: bool) -> None:
        """What was sent before the latest answer says nothing of the host since."""
        if is_new:
            self._count(was_answered=False)
        if sent_at >= self._answered_at:
            self._in_a_row += is_new
            if self._is_long():
                self._since = min(self._since, now)

    def lasts(self, now: float) -> bool:
        return self._is_long() and now - self._since < PATIENCE_SECONDS

    def _is_long(self) -> bool:
        return self._in_a_row >= LEAST_IN_A_ROW and self._usual_share**self._in_a_row <= BY_CHANCE

    def varied(self, rest_seconds: float) -> float:
        """Else one that comes and goes at regular times might be asked only when it is not there."""
        return rest_seconds * (1 + self._in_a_row % VARIED_RESTS * VARIED_BY)

    def _count(self, *, was_answered: bool) -> None:
        self._images = min(self._images + 1, REMEMBERED_IMAGES)
        self._unanswered_share += ((not was_answered) - self._unanswered_share) / self._images
