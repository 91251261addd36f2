"""Whether a host that answers most requests on other days is away as a whole (pure): then many new images in
a row get no answer, or a 502 from the proxy before it, and neither does a URL that it answered before.

An image that has failed before says nothing of its host: in the end only such may be left.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

PATIENCE_SECONDS = 600.0  # who has been away for longer may not come back
LEAST_IN_A_ROW = 10
BY_CHANCE = 1e-4  # how likely a row is at most that is no outage
VARIED_RESTS, VARIED_BY = 3, 1 / 6  # each third rest is as long as it is said, the others so much longer
PRESUMED_UNANSWERED = 5  # of a host that is new
REMEMBERED_IMAGES = 50  # earlier ones count less and less


class Told(NamedTuple):
    """What status knows of an image and its host."""

    is_new: bool = True  # it has not been asked for in vain
    host_away_seconds: float | None = None  # a host that answered others before, and then no more
    host_answered_url: str | None = None  # one that it answered then


NOTHING_TOLD = Told()


@dataclass(slots=True)
class Outage:
    witness: str | None = None  # the URL that was answered last: dead ones may stand in a row, too
    _images: int = PRESUMED_UNANSWERED  # new ones that were asked for
    _unanswered_share: float = 1.0
    _usual_share: float = 1.0  # before this row
    _in_a_row: int = 0
    _is_questioned: bool = False
    _since: float = math.inf
    _told_since: float = math.inf  # by others, until we know better
    _rests: int = 0
    _answered_at: float = -math.inf

    def answered(self, now: float, url: str, *, is_new: bool) -> None:
        if is_new:
            self._count(was_answered=True)
        self.witness = url
        self._usual_share = self._unanswered_share
        self._in_a_row, self._is_questioned, self._rests = 0, False, 0
        self._since = self._told_since = math.inf
        self._answered_at = now

    def not_answered(self, sent_at: float, *, is_new: bool) -> None:
        """What was sent before the latest answer says nothing of the host since."""
        if is_new:
            self._count(was_answered=False)
        if sent_at >= self._answered_at:
            self._in_a_row += is_new

    def hear(self, told: Told, now: float) -> None:
        """A URL that others were answered is asked for first by a processor that has had no answer itself, or
        that knew of an earlier outage: others were answered since. Without one this is told of the host that
        led here; it is believed once, for that one may be answered and left alone again and again.
        """
        if told.host_away_seconds is None:
            return
        since, is_unknown = now - told.host_away_seconds, self._answered_at == -math.inf
        if told.host_answered_url is None:
            if self.witness is None:
                self._is_questioned = True
                self._since = self._told_since = min(self._told_since, since)
            return
        if is_unknown or self._since < since:
            self.witness, self._is_questioned = told.host_answered_url, True
            self._told_since = since
        self._since = max(self._since, since)

    def question(self) -> None:
        """Something else shows that it may be away."""
        self._is_questioned |= self.witness is not None

    def witness_not_answered(self, now: float) -> None:
        self._since = min(self._since, self._told_since, now)

    def is_in_question(self, now: float) -> bool:
        """Its witness is to be asked."""
        is_long = self._in_a_row >= LEAST_IN_A_ROW and self._usual_share**self._in_a_row <= BY_CHANCE
        return (is_long or self._is_questioned) and now - self._since < PATIENCE_SECONDS

    def lasts(self, now: float) -> bool:
        return self._since <= now and self.is_in_question(now)

    def next_rest(self, rest_seconds: float) -> float:
        """One that comes and goes at regular times might else be asked only when it is not there."""
        self._rests += 1
        return rest_seconds * (1 + self._rests % VARIED_RESTS * VARIED_BY)

    def _count(self, *, was_answered: bool) -> None:
        self._images = min(self._images + 1, REMEMBERED_IMAGES)
        self._unanswered_share += ((not was_answered) - self._unanswered_share) / self._images
