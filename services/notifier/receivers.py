"""Decides whether a receiver may be posted to now, so that a slow or dead one never holds up the others.

It counts what is under way and what went wrong, endpoint by endpoint and host by host; it neither waits nor
posts. Its memory is one process's and may be lost: the deliveries themselves are kept by the status service.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

SLOW_SECONDS = 2.0  # an attempt that takes longer is what starves others
STRIKES_OF_A_SLOW_FAILURE = 10  # five of these in a row open the breaker …
STRIKES_OF_A_QUICK_FAILURE = 1  # … or fifty of these, which cost next to nothing
STRIKES_TO_OPEN = 50
FIRST_PAUSE_SECONDS = 10.0  # doubled by each probe that fails
LONGEST_PAUSE_SECONDS = 300.0
BUSY_RETRY_SECONDS = 1.0
BUSY_AND_SLOW_RETRY_SECONDS = 5.0
ENDPOINTS_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of the process one receiver may hold."""

    unproven: int = 8  # posts under way at one endpoint that has not shown to be quick
    proven: int = 64  # and at one that has: each quick success earns one more
    host: int = 128  # over all endpoints of one host


class Refusal(StrEnum):
    BUSY = "receiver_busy"
    BROKEN = "receiver_broken"


@dataclass(frozen=True, slots=True)
class Deferral:
    """Not now: why, and when to ask again."""

    reason: Refusal
    retry_after_seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Permit:
    """Leave for one post; give it back by `Receivers.finished`."""

    endpoint: str
    host: str
    since: float


@dataclass(slots=True)
class _Endpoint:
    under_way: dict[Permit, None] = field(default_factory=dict)  # oldest first
    quick_in_a_row: int = 0
    strikes: int = 0
    pauses: int = 0  # in a row: each is twice as long as the one before
    closed_until: float = 0.0


@dataclass(slots=True)
class Receivers:
    """The breaker and the concurrency cap of every receiver this process has met lately."""

    clock: Callable[[], float]  # monotonic seconds
    limits: Limits = Limits()
    _endpoints: OrderedDict[str, _Endpoint] = field(default_factory=OrderedDict)
    _under_way_by_host: dict[str, int] = field(default_factory=dict)

    def admit(self, endpoint: str, host: str) -> Permit | Deferral:
        now = self.clock()
        known = self._recall(endpoint)
        if known.closed_until > now:
            return Deferral(Refusal.BROKEN, max(known.closed_until - now, BUSY_RETRY_SECONDS))
        under_way = self._under_way_by_host.get(host, 0)
        if len(known.under_way) >= self._limit(known) or under_way >= self.limits.host:
            return Deferral(Refusal.BUSY, _wait_for_a_place(known, now))
        permit = Permit(endpoint, host, now)
        known.under_way[permit] = None
        self._under_way_by_host[host] = under_way + 1
        return permit

    def finished(self, permit: Permit, *, healthy: bool | None) -> None:
        """Gives the place back. `healthy` is None when the attempt was cancelled and so says nothing."""
        known = self._endpoints[permit.endpoint]
        del known.under_way[permit]
        self._leave_host(permit.host)
        if healthy is None:
            return
        slow = self.clock() - permit.since > SLOW_SECONDS
        known.quick_in_a_row = known.quick_in_a_row + 1 if healthy and not slow else 0
        if healthy:
            known.strikes = known.pauses = 0
            known.closed_until = 0.0
            return
        self._strike(known, permit, STRIKES_OF_A_SLOW_FAILURE if slow else STRIKES_OF_A_QUICK_FAILURE)

    def _strike(self, known: _Endpoint, permit: Permit, strikes: int) -> None:
        if permit.since < known.closed_until:
            return  # begun before the breaker opened: that pause already counts it
        known.strikes += strikes
        if known.strikes < STRIKES_TO_OPEN:
            return
        pause = min(FIRST_PAUSE_SECONDS * 2**known.pauses, LONGEST_PAUSE_SECONDS)
        known.closed_until = self.clock() + pause
        known.pauses = min(known.pauses + 1, 10)

    def _limit(self, known: _Endpoint) -> int:
        if known.strikes >= STRIKES_TO_OPEN:
            return 1  # half open: one probe
        return min(self.limits.unproven + known.quick_in_a_row, self.limits.proven)

    def _recall(self, endpoint: str) -> _Endpoint:
        known = self._endpoints.setdefault(endpoint, _Endpoint())
        self._endpoints.move_to_end(endpoint)
        if len(self._endpoints) > ENDPOINTS_REMEMBERED:
            self._forget_oldest_idle()
        return known

    def _forget_oldest_idle(self) -> None:
        idle = next((name for name, known in self._endpoints.items() if not known.under_way), None)
        if idle is not None:
            del self._endpoints[idle]

    def _leave_host(self, host: str) -> None:
        left = self._under_way_by_host[host] - 1
        if left:
            self._under_way_by_host[host] = left
        else:
            del self._under_way_by_host[host]


def _wait_for_a_place(known: _Endpoint, now: float) -> float:
    oldest = next(iter(known.under_way), None)
    hangs = oldest is not None and now - oldest.since > BUSY_RETRY_SECONDS
    return BUSY_AND_SLOW_RETRY_SECONDS if hangs else BUSY_RETRY_SECONDS
