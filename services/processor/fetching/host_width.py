"""How many requests at once one host gets (pure): few at first, more as long as its answers take no longer
for that, fewer when they do or do not come. It knows neither rates nor rests.

A small shop's server makes two pictures at a time. What is asked for beyond that waits there behind our own
requests, until it times out as if nobody answered, or is cut off at once, and the next one too.
"""

import math
from dataclasses import dataclass, field

from services.processor.fetching.unanswered import Unanswered

FIRST = 2  # before a host is known
PROMPT_SECONDS = 1.5  # so soon an answer comes in time, even if it waited
LONG_SECONDS = 5.0  # half of the time-out
LATER = 1.5  # times as long as the quickest: it waited behind others of ours
FORGETTING = 1.02  # with each answer: one quick one of many says nothing for ever
CAUTION = 0.1  # how much slower more is tried of long answers, and near what was too much
LONGEST_PAUSE_SECONDS = 5.0
CUT_OFF_IN_A_ROW = 10  # with no answer between: then it is not for our number
QUICK_WITNESSES = 2  # in a row of time-outs: then these are not for our number either


@dataclass(slots=True, kw_only=True)
class HostWidth:
    limit: int
    allowed: float = 0.0
    opens_at: float = 0.0
    _quickest_seconds: float = math.inf
    _halved_at: float = -math.inf
    _too_many: float = math.inf  # what was allowed when it was overloaded
    _cut_off_at: float = -math.inf
    _cut_off_in_a_row: int = 0
    _cut_offs: Unanswered = field(default_factory=Unanswered)
    _time_outs: Unanswered = field(default_factory=Unanswered)
    _allowed_at_answer: float = 0.0
    _quick_witnesses: int = 0

    def __post_init__(self) -> None:
        self.allowed = float(min(FIRST, self.limit))

    def answered(self, took_seconds: float, under_way: int) -> None:
        """To a request that was the last of so many under way when it was sent."""
        self._not_cut_off(under_way)
        self._time_outs.ended(under_way, was_answered=True)
        self._quick_witnesses = 0
        self._quickest_seconds = min(FORGETTING * self._quickest_seconds, took_seconds)
        if took_seconds <= max(PROMPT_SECONDS, LATER * self._quickest_seconds):
            self._widen(self._growth(took_seconds))
        elif took_seconds > LONG_SECONDS:
            self.allowed = max(1.0, self.allowed - 1 / self.allowed)
        self._allowed_at_answer = self.allowed

    def witness_answered(self, took_seconds: float) -> None:
        """A picture of this host that was asked for again, alone, in a row of time-outs. Where it comes as
        quickly as ever, and fewer at once were as much in vain, dead URLs stand in a row.
        """
        is_unknown = self._quickest_seconds == math.inf  # the picture came to others
        quick_seconds = PROMPT_SECONDS if is_unknown else LATER * self._quickest_seconds
        self._quick_witnesses += took_seconds <= quick_seconds
        if self._quick_witnesses >= QUICK_WITNESSES:
            self.allowed = max(self.allowed, self._allowed_at_answer)

    def answered_without_picture(self, took_seconds: float, under_way: int) -> None:
        """As by a 404, which costs a host next to nothing: it gives more only while no picture has come."""
        self._not_cut_off(under_way)
        if self._quickest_seconds == math.inf and took_seconds <= PROMPT_SECONDS:
            self._widen(self._growth(took_seconds))

    def overloaded(self, sent_at: float, now: float) -> None:
        """What was sent before it was halved says nothing of what is allowed since."""
        if sent_at >= self._halved_at:
            self._too_many = self.allowed
            self.allowed, self._halved_at = max(1.0, self.allowed / 2), now

    def timed_out(self, sent_at: float, now: float, under_way: int, *, has_begun: bool) -> None:
        """A picture that hangs whatever its host is asked for says nothing of our number. One that has begun
        says that a prompt host is there: in the end only such may be left, and nothing else gives it more.
        """
        if self._quick_witnesses >= QUICK_WITNESSES:
            if self._quickest_seconds == math.inf:  # only such may be left: nothing else gives it more
                self._widen(1 / self.allowed)
            return
        self._time_outs.ended(under_way, was_answered=False)
        if self._quickest_seconds == math.inf or self._time_outs.are_for_our_number(under_way):
            self.overloaded(sent_at, now)
        elif has_begun and self._quickest_seconds <= PROMPT_SECONDS:
            self._widen(1 / self.allowed)

    def cut_off(self, sent_at: float, now: float, under_way: int) -> bool:
        """Whether for our number: it cuts off what is beyond its connections."""
        self._cut_offs.ended(under_way, was_answered=False)
        is_news = sent_at >= self._cut_off_at  # else it was sent with those before it
        if is_news:
            self._cut_off_in_a_row, self._cut_off_at = self._cut_off_in_a_row + 1, now
        if self._cut_off_in_a_row > CUT_OFF_IN_A_ROW:
            self._widen(1 / self.allowed)
            return False
        is_for_our_number = self._cut_offs.are_for_our_number(under_way)
        if is_for_our_number:
            self.overloaded(sent_at, now)
        if is_news and (is_for_our_number or under_way == 1):  # another processor may ask the same host
            self._pause(now - sent_at, now)
        return is_for_our_number and self._quickest_seconds < math.inf

    def _not_cut_off(self, under_way: int) -> None:
        self._cut_off_in_a_row = 0
        self._cut_offs.ended(under_way, was_answered=True)

    def _pause(self, took_seconds: float, now: float) -> None:
        """The place of one that was cut off is free sooner than others, and the next would be burnt like it.
        It is sent when one of ours may have ended, or one of somebody else: each time that takes longer.
        """
        if now >= self.opens_at and took_seconds < self._quickest_seconds / 2 < math.inf:
            pause_seconds = self._quickest_seconds * 2 ** (self._cut_off_in_a_row - 1)
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
