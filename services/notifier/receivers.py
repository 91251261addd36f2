"""Decides whether a receiver may be posted to now, so that a slow or dead receiver never holds up the others,
and one tenant's never hold up another's.

It counts what is under way and what went wrong, by endpoint, host and tenant; it neither waits nor posts. It
remembers within one process and may forget: the status service keeps the deliveries themselves.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import takewhile
from typing import TypeVar

HANGS_SECONDS = 1.0  # a post that lasts longer counts as hanging
SLOW_SECONDS = 2.0  # an attempt that takes longer starves the others
STRIKES_OF_A_SLOW_FAILURE = 10  # five of these in a row open the breaker …
STRIKES_OF_A_QUICK_FAILURE = 1  # … or fifty of these, which cost next to nothing
STRIKES_TO_OPEN = 50
FIRST_PAUSE_SECONDS = 10.0  # doubled by each probe that fails
LONGEST_PAUSE_SECONDS = 300.0
BUSY_RETRY_SECONDS = 1.0
BUSY_AND_SLOW_RETRY_SECONDS = 5.0
LONGEST_BUSY_RETRY_SECONDS = 60.0  # however many wait: the receiver may be quick again by then
CALLED_TO_A_PLACE = 2  # a place that stays free costs more than one more refusal
POSTS_THAT_COUNT = 8  # of the latest: in how many seconds one of them usually ends
ENDPOINTS_REMEMBERED = 10_000  # and as many hosts, and tenants
PLACE_BYTES = 128 * 1024  # a larger body takes several of the places of its tenant, and of all


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the process, which has 512 places, somebody may hold. Of endpoints and hosts the posts are
    counted, whatever their size.
    """

    unproven: int = 8  # posts under way at one endpoint that has not proved to be quick
    proven: int = 64  # the same at one that has proved it: each quick success earns one more
    host: int = 128  # over all endpoints of one host
    tenant: int = 192  # over all endpoints of one tenant: a burst of healthy ones must fit
    tenant_hanging: int = 64  # while so many of them hang, only its endpoints that were quick go on
    everyone_hanging: int = 256  # the same over all tenants


class Refusal(StrEnum):
    BUSY = "receiver_busy"
    BROKEN = "receiver_broken"
    TENANT_BUSY = "tenant_busy"  # the tenant's other receivers hold all its places
    CROWDED = "notifier_busy"


@dataclass(frozen=True, slots=True)
class Deferral:
    """Not now: why, and when to ask again."""

    reason: Refusal
    retry_after_seconds: float


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who is posted to, and for whom."""

    tenant: str
    endpoint: str
    host: str


@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """Permission for one post; give it back by `Receivers.finished`."""

    receiver: Receiver
    since: float
    places: int


UnderWay = dict[Permit, None]  # oldest first


@dataclass(slots=True)
class _Line:
    """The posts under way, of one endpoint, host or tenant or of all, and who waits behind them."""

    under_way: UnderWay = field(default_factory=UnderWay)
    usual_seconds: float = 0.0  # of its posts lately
    next_turn: float = 0.0  # when the next one that finds no place is to ask again

    def ended(self, permit: Permit, now: float) -> None:
        del self.under_way[permit]
        self.usual_seconds += (now - permit.since - self.usual_seconds) / POSTS_THAT_COUNT

    def wait_for_a_place(self, places: int, now: float) -> float:
        """Behind those that were refused before, so that many do not all ask again and again. One that hangs
        among many holds nobody up.
        """
        is_slow = 2 * _hanging(self.under_way, now) >= places
        shortest = BUSY_AND_SLOW_RETRY_SECONDS if is_slow else BUSY_RETRY_SECONDS
        turn = min(max(now + shortest, self.next_turn), now + LONGEST_BUSY_RETRY_SECONDS)
        self.next_turn = turn + self.usual_seconds / (CALLED_TO_A_PLACE * places)
        return turn - now


@dataclass(slots=True)
class _Endpoint(_Line):
    quick_in_a_row: int = 0
    strikes: int = 0
    pause_seconds: float = 0.0  # the latest one, while no post has gone well since
    closed_until: float = 0.0


Name = TypeVar("Name", str, tuple[str, str])
Line = TypeVar("Line", bound=_Line)


@dataclass(slots=True)
class Receivers:
    """The breaker and the concurrency cap of every receiver this process has met lately."""

    clock: Callable[[], float]  # monotonic seconds
    limits: Limits = Limits()
    _endpoints: OrderedDict[tuple[str, str], _Endpoint] = field(default_factory=OrderedDict)
    _by_host: OrderedDict[str, _Line] = field(default_factory=OrderedDict)
    _by_tenant: OrderedDict[str, _Line] = field(default_factory=OrderedDict)
    _all: _Line = field(default_factory=_Line)

    def admit(self, receiver: Receiver, body_bytes: int = 0) -> Permit | Deferral:
        now = self.clock()
        known = _recalled(self._endpoints, (receiver.tenant, receiver.endpoint), _Endpoint())
        if known.closed_until > now:
            return Deferral(Refusal.BROKEN, max(known.closed_until - now, BUSY_RETRY_SECONDS))
        refusal = self._refusal(receiver, known, now)
        if refusal is not None:
            return refusal
        permit = Permit(receiver, now, 1 + body_bytes // PLACE_BYTES)
        self._begin(permit, known)
        return permit

    def finished(self, permit: Permit, *, healthy: bool | None) -> None:
        """Gives the place back. `healthy` is None when the attempt was cancelled and so says nothing."""
        known, now = self._endpoints[permit.receiver.tenant, permit.receiver.endpoint], self.clock()
        self._end(permit, known, now)
        if healthy is None:
            return
        slow = now - permit.since > SLOW_SECONDS
        known.quick_in_a_row = known.quick_in_a_row + 1 if healthy and not slow else 0
        if healthy:
            known.strikes = 0
            known.pause_seconds = known.closed_until = 0.0
            return
        self._strike(known, permit, STRIKES_OF_A_SLOW_FAILURE if slow else STRIKES_OF_A_QUICK_FAILURE)

    def _refusal(self, receiver: Receiver, known: _Endpoint, now: float) -> Deferral | None:
        limits, of_endpoint = self.limits, self._limit(known)
        of_host = _recalled(self._by_host, receiver.host, _Line())
        of_tenant = _recalled(self._by_tenant, receiver.tenant, _Line())
        if len(known.under_way) >= of_endpoint:
            return Deferral(Refusal.BUSY, known.wait_for_a_place(of_endpoint, now))
        if len(of_host.under_way) >= limits.host:
            return Deferral(Refusal.BUSY, of_host.wait_for_a_place(limits.host, now))
        if _places(of_tenant.under_way) >= limits.tenant:
            return Deferral(Refusal.TENANT_BUSY, of_tenant.wait_for_a_place(limits.tenant, now))
        return None if known.quick_in_a_row else self._refusal_while_many_hang(of_tenant, now)

    def _refusal_while_many_hang(self, of_tenant: _Line, now: float) -> Deferral | None:
        limits = self.limits
        if _hanging(of_tenant.under_way, now) >= limits.tenant_hanging:
            return Deferral(Refusal.TENANT_BUSY, of_tenant.wait_for_a_place(limits.tenant_hanging, now))
        if _hanging(self._all.under_way, now) >= limits.everyone_hanging:
            # Behind its own tenant's alone: others may have thousands that wait.
            of_its_own = max(1, len(of_tenant.under_way))
            return Deferral(Refusal.CROWDED, of_tenant.wait_for_a_place(of_its_own, now))
        return None

    def _begin(self, permit: Permit, known: _Endpoint) -> None:
        for line in self._lines(permit.receiver, known):
            line.under_way[permit] = None

    def _end(self, permit: Permit, known: _Endpoint, now: float) -> None:
        for line in self._lines(permit.receiver, known):
            line.ended(permit, now)

    def _lines(self, receiver: Receiver, known: _Endpoint) -> Iterable[_Line]:
        return known, self._by_host[receiver.host], self._by_tenant[receiver.tenant], self._all

    def _strike(self, known: _Endpoint, permit: Permit, strikes: int) -> None:
        if permit.since < known.closed_until:
            return  # begun before the breaker opened: that pause already counts it
        known.strikes += strikes
        if known.strikes < STRIKES_TO_OPEN:
            return
        known.pause_seconds = min(max(FIRST_PAUSE_SECONDS, 2 * known.pause_seconds), LONGEST_PAUSE_SECONDS)
        known.closed_until = self.clock() + known.pause_seconds

    def _limit(self, known: _Endpoint) -> int:
        if known.strikes >= STRIKES_TO_OPEN:
            return 1  # half open: one probe
        return min(self.limits.unproven + known.quick_in_a_row, self.limits.proven)


def _recalled(lines: OrderedDict[Name, Line], name: Name, new: Line) -> Line:
    line = lines.setdefault(name, new)
    lines.move_to_end(name)
    if len(lines) > ENDPOINTS_REMEMBERED:
        _forget_oldest_idle(lines)
    return line


def _forget_oldest_idle(lines: OrderedDict[Name, Line]) -> None:
    idle = next((name for name, line in lines.items() if not line.under_way), None)
    if idle is not None:
        del lines[idle]


def _places(permits: Iterable[Permit]) -> int:
    return sum(permit.places for permit in permits)


def _hanging(under_way: UnderWay, now: float) -> int:
    """How many places have been held for longer than a quick receiver takes."""
    return _places(takewhile(lambda permit: now - permit.since > HANGS_SECONDS, under_way))
