"""The rules of one host's gate (pure: the moment is an argument): how many requests it gets, at once and a
second, and when none. It knows nobody who waits.
"""

import math
from dataclasses import dataclass, field

from services.processor.fetching.host_codes import (
    AWAY_REST_SECONDS,
    CUT_OFF,
    OTHER_REST_SECONDS,
    SLOWED,
    TOO_MANY_REQUESTS,
    is_no,
    is_ordinary_answer,
    is_refusal,
    may_be_away,
)
from services.processor.fetching.host_rates import HostRate
from services.processor.fetching.host_width import HostWidth
from services.processor.fetching.outages import Outage
from services.processor.verdicts import Failure, NotNow
from shared.contract.codes import Code, FailureCode

WAIT_SECONDS = 30.0  # before a gate; for what takes longer, status waits
WAITING_SECONDS = 2.0  # so many seconds' requests wait here for a host that takes only so many
COMES_AGAIN_SECONDS = 5.0  # who found no turn at a host that is busy with our own requests
LONGEST_PROMISE_SECONDS = 5.0  # the rate may be found to be higher meanwhile
REFUSES_SECONDS = 3_600.0  # a host that has refused everything for so long fails its images
UNASKED_SECONDS = 600.0  # a host that was left alone for so long has not refused meanwhile
AWAY_IN_A_ROW = 10
RESTS_OF_DOUBT = 1  # it may only have had too much to do with our own requests; then one is sent alone
SILENT_IN_A_ROW = 3  # time-outs of a host that never answered: each takes its whole time
DOUBT_SECONDS = 30.0  # the rest when a longer one is asked for the first time: it may be meant for one URL


@dataclass(frozen=True, slots=True)
class Sent:
    """A request when it was sent: the last of so many under way."""

    at: float
    under_way: int
    url: str = ""
    is_new: bool = True  # its image has not been asked for in vain
    witness: str | None = None  # a URL that is to be asked for first


@dataclass(slots=True, kw_only=True)
class HostGate:
    """What is known of one host: how many requests at once, a rate, and a breaker."""

    width: HostWidth
    rate: HostRate = field(default_factory=HostRate)
    outage: Outage = field(default_factory=Outage)
    busy: int = 0
    closed_until: float = 0.0
    closed_for: Code = FailureCode.TIMED_OUT  # what closed it
    away_in_a_row: int = 0
    rests_in_a_row: int = 0  # with nothing but that between them
    has_answered: bool = False
    answered_at: float = -math.inf  # anything: what was sent before says nothing of the host since
    wanted_long: bool = False  # it asked for a rest beyond DOUBT_SECONDS and has not answered since
    refuses_with: Code = TOO_MANY_REQUESTS
    refuses_since: float | None = None  # everything, until now
    promised_until: float = 0.0  # to whom it was said when to come again
    waiting: int = 0

    def has_room(self, now: float) -> bool:
        is_in_doubt = self.rate.is_in_doubt or self.outage.is_in_question(now)
        most = 1 if is_in_doubt else int(self.width.allowed)
        return now >= self.opens_at() and self.busy < most

    def send(self, now: float, url: str = "", *, is_new: bool = True) -> Sent:
        if now - self.opens_at() > UNASKED_SECONDS:
            self.refuses_since = None
        self.busy += 1
        self.rate.send(now)
        witness = self.outage.witness if self.outage.is_in_question(now) else None
        return Sent(now, self.busy, url, is_new, witness)

    def opens_at(self) -> float:
        return max(self.closed_until, self.rate.next_at, self.width.opens_at)

    def refusal(self, now: float) -> Failure | NotNow | None:
        """Why waiting is of no use."""
        if now < self.closed_until:
            seconds = math.ceil(self.closed_until - now)
            if self.outage.lasts(now):
                return NotNow(retry_after_seconds=seconds, code=self.closed_for)
            if self.closed_for in AWAY_REST_SECONDS:
                return self._at_rest(seconds)
        return self.later(now) if self.opens_at() - now > WAIT_SECONDS else None

    def _at_rest(self, seconds: float) -> Failure | NotNow:
        if self.rests_in_a_row <= RESTS_OF_DOUBT:
            return NotNow(retry_after_seconds=seconds, code=self.closed_for)
        return Failure(self.closed_for, "this host is given a rest", seconds)

    def most_waiting(self) -> float:
        """How many may wait for their turn here: few where a host takes only so many a second."""
        return max(1.0, WAITING_SECONDS * self.rate.per_second)

    def later(self, now: float) -> Failure | NotNow:
        """For an image that is not asked for now. Each gets another moment, as far as the rate is known."""
        if self._has_refused_for_an_hour(now):
            return self._refused_for_an_hour(now)
        if not self.rate.is_limited:
            return NotNow(retry_after_seconds=COMES_AGAIN_SECONDS)
        waiting_seconds = self.waiting / self.rate.per_second
        soonest = self.opens_at() + max(0.0, waiting_seconds - WAITING_SECONDS / 2)
        promised = max(soonest, self.promised_until + 1 / self.rate.per_second)
        self.promised_until = max(soonest, min(promised, now + LONGEST_PROMISE_SECONDS))
        return NotNow(retry_after_seconds=self.promised_until - now, code=self.refuses_with)

    def end_witness(self, failure: Failure | None, sent: Sent, now: float) -> Failure | NotNow | None:
        """None where it was answered: then its image is asked for, and what that says of it counts."""
        if failure is None or not may_be_away(failure):
            self.outage.answered(now, sent.witness or sent.url, is_new=False)
            self.away_in_a_row, self.rests_in_a_row, self.answered_at = 0, 0, now
            if failure is None:
                self.width.witness_answered(now - sent.at)
            return None
        self.outage.witness_not_answered(now)
        return self.end(failure, sent, now)

    def end(self, failure: Failure | None, sent: Sent, now: float) -> Failure | NotNow | None:
        """What a request's end means for its image, once the gate has learnt from it; None for an answer."""
        self._count_in_a_row(failure, sent, now)
        if failure is None:
            self.width.answered(now - sent.at, sent.under_way)
            return None
        if is_no(failure.code):
            self.width.answered_without_picture(now - sent.at, sent.under_way)
        if is_refusal(failure):
            self._heed(failure, sent.at, now)
            return self._refused(failure, now)
        is_ours = failure.code in CUT_OFF and self.width.cut_off(sent.at, now, sent.under_way)
        if failure.code in SLOWED:
            has_begun = failure.code is FailureCode.TOO_SLOW
            self.width.timed_out(sent.at, now, sent.under_way, has_begun=has_begun)
        self._rest_if_away(failure.code, sent.at, now)
        if is_ours or self.outage.lasts(now):
            return NotNow(retry_after_seconds=max(0.0, self.opens_at() - now), code=failure.code)
        return failure

    def _count_in_a_row(self, failure: Failure | None, sent: Sent, now: float) -> None:
        code = None if failure is None else failure.code
        if failure is not None and may_be_away(failure):
            self.outage.not_answered(sent.at, is_new=sent.is_new)
        else:
            self.outage.answered(now, sent.url, is_new=sent.is_new)
        if code not in AWAY_REST_SECONDS:
            self.away_in_a_row, self.rests_in_a_row, self.answered_at = 0, 0, now
        elif sent.at >= self.answered_at:
            self.away_in_a_row += 1
        if is_ordinary_answer(code):
            self.has_answered, self.wanted_long, self.refuses_since = True, False, None
            self.rate.served(sent.at, now)

    def _rest_if_away(self, code: Code, sent_at: float, now: float) -> None:
        is_away, is_outage = self.away_in_a_row >= self._most_in_a_row(code), self.outage.lasts(now)
        if is_away:
            self.outage.question()
        if self.outage.is_in_question(now) and not is_outage:
            return  # the next request finds out
        if is_away or is_outage:
            self.rests_in_a_row += sent_at >= self.closed_until  # not what was sent before this rest
            self.width.find_out()
            seconds = AWAY_REST_SECONDS.get(code, OTHER_REST_SECONDS)
            self._close(now + (self.outage.next_rest(seconds) if is_outage else seconds), code)

    def _refused(self, failure: Failure, now: float) -> Failure | NotNow:
        if self._has_refused_for_an_hour(now):
            return self._refused_for_an_hour(now)
        seconds = max(failure.retry_after_seconds or 0.0, self.opens_at() - now)
        return NotNow(retry_after_seconds=seconds, code=failure.code, was_refused=True)

    def _heed(self, failure: Failure, sent_at: float, now: float) -> None:
        if self.rate.puts_aside(sent_at, now):
            return
        if self.refuses_since is None:
            self.refuses_since = now
        self.refuses_with = failure.code
        self.width.overloaded(sent_at, now)
        asked_seconds = self._believed(failure.retry_after_seconds or 0.0, now)
        self.rate.refuse(sent_at, now, asked_seconds)
        self._close(now + asked_seconds, failure.code)

    def _has_refused_for_an_hour(self, now: float) -> bool:
        return self.refuses_since is not None and now - self.refuses_since >= REFUSES_SECONDS

    def _refused_for_an_hour(self, now: float) -> Failure:
        rest_seconds = max(0.0, self.opens_at() - now)
        return Failure(self.refuses_with, "this host has refused everything for an hour", rest_seconds)

    def _most_in_a_row(self, code: Code) -> int:
        return SILENT_IN_A_ROW if code is FailureCode.TIMED_OUT and not self.has_answered else AWAY_IN_A_ROW

    def _believed(self, seconds: float, now: float) -> float:
        """How long a Retry-After closes the gate. A long one may be meant for one URL only, so it is believed
        when the host repeats it after a short rest. A request that ends while the gate is closed was sent
        before and repeats nothing.
        """
        if seconds <= DOUBT_SECONDS:
            return seconds
        if self.wanted_long and now >= self.closed_until:
            return seconds
        self.wanted_long = True
        self.width.find_out()
        return DOUBT_SECONDS

    def _close(self, until: float, code: Code) -> None:
        if until > self.closed_until:
            self.closed_until, self.closed_for = until, code
