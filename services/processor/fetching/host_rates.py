"""How many requests a second one host takes, learnt from what it serves and what it refuses (pure): a little
faster with each answer, slower after a refusal. One that refuses now and then, as fast as it is asked, or as
much however slowly it is asked, is not limited for that. It knows neither requests nor who waits.

Each processor learns by itself. As each goes slower when it is refused, all together keep to what the host
takes.
"""

import math
from dataclasses import dataclass, field

from services.processor.fetching.second_asks import SecondAsks

GROWTH = 0.006  # of the rate, with each answer: about one refusal in forty requests
MOST_GROWTH = 0.02  # a second: of two processors the faster one must not grow away from the other
FAST_GROWTH = 0.05  # while the host is far from where it refused
FAR = 1.5  # times the rate at which it refused
PLENTY_PER_SECOND, PLENTY_SECONDS = 30.0, 120.0  # at such a rate and so long without a refusal: no limit
CUT = 0.8
LEAST_PER_SECOND = 0.2  # for a host that takes less there are the rests
FIRST_REST_REQUESTS = 2  # so many requests' time
SHORTEST_REST_SECONDS, LONGEST_FIRST_REST_SECONDS, LONGEST_REST_SECONDS = 0.25, 5.0, 60.0
BURST_SECONDS = 1.0  # a rate is measured over no less
FEW = 0.3  # so great a share may be refused at any rate; a limited host that is asked too fast refuses more
FEW_OF = 33  # of so many the share is measured
USUAL = 0.1  # a limited host hardly refuses a greater share once its rate is known
PRESUMED_SERVED = 5  # of a host that is new


@dataclass(slots=True)
class HostRate:
    """Before its first refusal a host has no limit."""

    per_second: float = math.inf
    next_at: float = 0.0  # before that moment no request is to be sent
    rest_seconds: float = 0.0  # the latest rest, while nothing has been served since
    _refused_at: float = math.inf  # the rate
    _is_paced: bool = False  # the latest request was sent as soon as it could be: only then is the rate tried
    _heeded_at: float = -math.inf  # the latest refusal: of what was sent before, no other says anything new
    _lately: float = 0.0  # served in the latest second or so
    _served_at: float = -math.inf
    _served: int = 0  # since the latest cut
    _since: float = 0.0  # the latest cut, plus the time in which nobody wanted anything
    _rested_seconds: float = 0.0  # since the latest cut
    _ended: int = PRESUMED_SERVED
    _refused_share: float = 0.0
    _few: float = FEW
    _second_asks: SecondAsks = field(default_factory=SecondAsks)

    @property
    def is_limited(self) -> bool:
        return self.per_second < math.inf

    @property
    def is_in_doubt(self) -> bool:
        """Nothing was served since a refusal: one request at a time finds out."""
        return self.rest_seconds > 0

    def send(self, now: float) -> None:
        if not self.is_limited:
            return
        gap_seconds = 1 / self.per_second
        self._second_asks.send(now, gap_seconds)
        idle_seconds = now - self.next_at
        self._is_paced = idle_seconds <= gap_seconds
        if not self._is_paced:
            self._since += idle_seconds
        self.next_at = now + gap_seconds

    def served(self, sent_at: float, now: float) -> None:
        self._count(was_refused=False)
        self._lately = self._lately * math.exp((self._served_at - now) / BURST_SECONDS) + 1
        self._served_at = now
        self._served += 1
        if not self.is_limited:
            return
        if sent_at <= self._heeded_at:
            self._guess_again()
            return
        self.rest_seconds = 0.0
        if self._second_asks.shows(sent_at):
            self.per_second = math.inf
            self._few = (1 + self._refused_share) / 2  # more than this, and it is limited after all
        else:
            self._go_on(now)

    def puts_aside(self, sent_at: float, now: float) -> bool:
        """Whether a refusal says nothing of a rate, or not before the next request has ended. To be asked of
        each once, before anything else.
        """
        self._count(was_refused=True)
        if not self.is_limited:
            return self._refused_share <= self._few
        if self.is_in_doubt or sent_at <= self._heeded_at or self._refused_share <= USUAL:
            return False
        wants_second_ask = self._second_asks.wants_one(sent_at, now, 1 / self.per_second)
        if wants_second_ask:
            self.next_at = now
        return wants_second_ask

    def _count(self, *, was_refused: bool) -> None:
        self._second_asks.ended()
        self._ended = min(self._ended + 1, FEW_OF)
        self._refused_share += (was_refused - self._refused_share) / self._ended

    def refuse(self, sent_at: float, now: float, asked_seconds: float = 0.0) -> None:
        """`asked_seconds` is the rest that the host asked for, as far as it is believed."""
        if sent_at <= self._heeded_at:
            return
        if not self.is_in_doubt:
            self._cut(now)
        rest_seconds = max(self._next_rest_seconds(), asked_seconds)
        if asked_seconds and not self.is_in_doubt:
            rest_seconds = asked_seconds
        self.rest_seconds = min(rest_seconds, LONGEST_REST_SECONDS)
        self._rested_seconds += rest_seconds
        self._heeded_at = now
        self.next_at = max(self.next_at, now + rest_seconds)

    def _go_on(self, now: float) -> None:
        is_far = self.per_second > FAR * self._refused_at
        is_plenty = self.per_second > PLENTY_PER_SECOND and now - self._heeded_at > PLENTY_SECONDS
        if is_far and is_plenty:
            self.per_second = math.inf
        elif self._is_paced:
            self.per_second += self._growth(is_far=is_far)

    def _growth(self, *, is_far: bool) -> float:
        return self.per_second * FAST_GROWTH if is_far else min(self.per_second * GROWTH, MOST_GROWTH)

    def _next_rest_seconds(self) -> float:
        if self.is_in_doubt:
            return min(2 * self.rest_seconds, LONGEST_REST_SECONDS)
        seconds = FIRST_REST_REQUESTS / self.per_second
        return min(max(seconds, SHORTEST_REST_SECONDS), LONGEST_FIRST_REST_SECONDS)

    def _cut(self, now: float) -> None:
        if not self.is_limited:
            self._few = FEW
            self.per_second, self._refused_at = 1.0, 0.0  # a guess, which grows fast until the next refusal
            self._guess_again()
        else:
            self.per_second = max(self._slower(now), LEAST_PER_SECOND)
            self._refused_at = self.per_second / CUT
        self._since, self._served, self._rested_seconds = now, 0, 0.0

    def _guess_again(self) -> None:
        """The answers of a first burst come in any order."""
        if self._refused_at == 0:
            self.per_second = max(self.per_second, CUT * self._lately / BURST_SECONDS)

    def _slower(self, now: float) -> float:
        """A host that takes a minute's worth at once, then nothing, is asked as fast as it serves in all."""
        slower = CUT * self.per_second
        seconds = max(now - self._since, BURST_SECONDS)
        return min(slower, self._served / seconds) if self._rested_seconds > seconds / 2 else slower
