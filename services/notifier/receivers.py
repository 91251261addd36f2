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

HANGS_SECONDS = 1.0  # a post that lasts longer counts as hanging
SLOW_SECONDS = 2.0  # an attempt that takes longer starves the others
STRIKES_OF_A_SLOW_FAILURE = 10  # five of these in a row open the breaker …
STRIKES_OF_A_QUICK_FAILURE = 1  # … or fifty of these, which cost next to nothing
STRIKES_TO_OPEN = 50
FIRST_PAUSE_SECONDS = 10.0  # doubled by each probe that fails
LONGEST_PAUSE_SECONDS = 300.0
BUSY_RETRY_SECONDS = 1.0
BUSY_AND_SLOW_RETRY_SECONDS = 5.0
CROWDED_RETRY_SECONDS = 2.0  # for one that may be quick, while many others hang
LONGEST_BUSY_RETRY_SECONDS = 15.0  # however many wait: the receiver may be quick again by then
CALLED_TO_A_PLACE = 2  # a place that stays free costs more than one more refusal
POSTS_THAT_COUNT = 8  # of the latest: in how many seconds one of them usually ends
ENDPOINTS_REMEMBERED = 10_000
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
class _Endpoint:
    under_way: UnderWay = field(default_factory=UnderWay)
    quick_in_a_row: int = 0
    usual_seconds: float = 0.0  # of its posts lately
    next_turn: float = 0.0  # when the next one that finds no place is to ask again
    strikes: int = 0
    pause_seconds: float = 0.0  # the latest one, while no post has gone well since
    closed_until: float = 0.0


@dataclass(slots=True)
class Receivers:
    """The breaker and the concurrency cap of every receiver this process has met lately."""

    clock: Callable[[], float]  # monotonic seconds
    limits: Limits = Limits()
    _endpoints: OrderedDict[tuple[str, str], _Endpoint] = field(default_factory=OrderedDict)
    _by_host: dict[str, UnderWay] = field(default_factory=dict)
    _by_tenant: dict[str, UnderWay] = field(default_factory=dict)
    _all: UnderWay = field(default_factory=UnderWay)

    def admit(self, receiver: Receiver, body_bytes: int = 0) -> Permit | Deferral:
        now = self.clock()
        known = self._recall(receiver)
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
        known = self._endpoints[permit.receiver.tenant, permit.receiver.endpoint]
        self._end(permit, known)
        if healthy is None:
            return
        seconds = self.clock() - permit.since
        slow = seconds > SLOW_SECONDS
        known.usual_seconds += (seconds - known.usual_seconds) / POSTS_THAT_COUNT
        known.quick_in_a_row = known.quick_in_a_row + 1 if healthy and not slow else 0
        if healthy:
            if known.strikes >= STRIKES_TO_OPEN:  # it is back: how long it took before says nothing now
                known.usual_seconds, known.next_turn = seconds, 0.0
            known.strikes = 0
            known.pause_seconds = known.closed_until = 0.0
            return
        self._strike(known, permit, STRIKES_OF_A_SLOW_FAILURE if slow else STRIKES_OF_A_QUICK_FAILURE)

    def _refusal(self, receiver: Receiver, known: _Endpoint, now: float) -> Deferral | None:
        limits, of_host = self.limits, self._by_host.get(receiver.host, {})
        of_tenant = self._by_tenant.get(receiver.tenant, {})
        if len(known.under_way) >= (limit := self._limit(known)):
            return Deferral(Refusal.BUSY, _wait_in_line(known, limit, now))
        if len(of_host) >= limits.host:
            return Deferral(Refusal.BUSY, _retry_seconds(of_host, limits.host, now))
        if _places(of_tenant) >= limits.tenant:
            return Deferral(Refusal.TENANT_BUSY, _retry_seconds(of_tenant, limits.tenant, now))
        return None if known.quick_in_a_row else self._refusal_while_many_hang(of_tenant, now)

    def _refusal_while_many_hang(self, of_tenant: UnderWay, now: float) -> Deferral | None:
        if _hanging(of_tenant, now) >= self.limits.tenant_hanging:
            return Deferral(Refusal.TENANT_BUSY, CROWDED_RETRY_SECONDS)
        if _hanging(self._all, now) >= self.limits.everyone_hanging:
            return Deferral(Refusal.CROWDED, CROWDED_RETRY_SECONDS)
        return None

    def _begin(self, permit: Permit, known: _Endpoint) -> None:
        of_host = self._by_host.setdefault(permit.receiver.host, {})
        of_tenant = self._by_tenant.setdefault(permit.receiver.tenant, {})
        for under_way in (known.under_way, of_host, of_tenant, self._all):
            under_way[permit] = None

    def _end(self, permit: Permit, known: _Endpoint) -> None:
        del known.under_way[permit], self._all[permit]
        for groups, name in (
            (self._by_host, permit.receiver.host),
            (self._by_tenant, permit.receiver.tenant),
        ):
            del groups[name][permit]
            if not groups[name]:
                del groups[name]

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

    def _recall(self, receiver: Receiver) -> _Endpoint:
        key = (receiver.tenant, receiver.endpoint)
        known = self._endpoints.setdefault(key, _Endpoint())
        self._endpoints.move_to_end(key)
        if len(self._endpoints) > ENDPOINTS_REMEMBERED:
            self._forget_oldest_idle()
        return known

    def _forget_oldest_idle(self) -> None:
        idle = next((name for name, known in self._endpoints.items() if not known.under_way), None)
        if idle is not None:
            del self._endpoints[idle]


def _wait_in_line(known: _Endpoint, limit: int, now: float) -> float:
    """Each waits behind those that were refused before, so that many do not all ask again and again."""
    shortest = _retry_seconds(known.under_way, limit, now)
    turn = min(max(now + shortest, known.next_turn), now + LONGEST_BUSY_RETRY_SECONDS)
    known.next_turn = turn + known.usual_seconds / (CALLED_TO_A_PLACE * limit)
    return turn - now


def _places(permits: Iterable[Permit]) -> int:
    return sum(permit.places for permit in permits)


def _hanging(under_way: UnderWay, now: float) -> int:
    """How many places have been held for longer than a quick receiver takes."""
    return _places(takewhile(lambda permit: now - permit.since > HANGS_SECONDS, under_way))


def _retry_seconds(under_way: UnderWay, places: int, now: float) -> float:
    """Where half of the places hang, there is none soon; one that hangs among many holds nobody up."""
    is_slow = 2 * _hanging(under_way, now) >= places
    return BUSY_AND_SLOW_RETRY_SECONDS if is_slow else BUSY_RETRY_SECONDS
