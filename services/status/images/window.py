"""How many images may be in flight, and whose turn it is (pure): Little's law, and fair shares of it."""

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from shared.contract.events import Priority

TAKE_BY_SECONDS = 120.0
FLOOR_IMAGES = 32
TRANSPORT_SECONDS = 0.5  # what an image may spend on the way, besides the work itself
OWN_SECONDS_MOST = 1.0  # a broker that hangs is no reason for more
SMOOTHING = 0.2
REQUEST_FLOOR_IMAGES = 24  # a small request goes in one round, before anything is known of it
REQUEST_SECONDS = 2.0  # of its own completions may be in flight
REQUEST_TIMES = 3.0  # or so many times as long as images are out: a long queue would never let it grow
MEMORY_SECONDS = 1.0
SHORTEST_SECONDS = 0.1  # a rate is not measured over less
OVERDUE_TIMES = 3.0  # what is out so many times as long as what ends well hangs
OVERDUE_LEAST_SECONDS = 1.0
EXCUSED_IMAGES = 42  # which hang hold nobody's place: two thirds of what one processor works on

SMALL_TENANT_TIMES = 4  # whose backlog is so many times smaller than the largest gets so many times its share

WEIGHTS: Mapping[Priority, int] = {Priority.HIGH: 4, Priority.NORMAL: 2, Priority.BULK: 1}


@dataclass(frozen=True, slots=True)
class Flow:
    """What came lately, each moment weighing less the longer ago it is."""

    total: int  # the counter at its last reading
    total_work_seconds: float
    read_at: float  # on Postgres's clock
    recent: float = 0.0
    recent_work_seconds: float = 0.0
    recent_seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return self.recent / max(self.recent_seconds, SHORTEST_SECONDS)

    @property
    def mean_work_seconds(self) -> float:
        return self.recent_work_seconds / self.recent if self.recent >= 1 else 0.0


def observed(flow: Flow | None, total: int, total_work_seconds: float, now: float) -> Flow:
    """The flow after another reading of its counters, or the first. A counter that fell begins anew."""
    if flow is None or now < flow.read_at or total < flow.total:
        return Flow(total, total_work_seconds, now)
    elapsed = now - flow.read_at
    kept = math.exp(-elapsed / MEMORY_SECONDS)
    worked = max(total_work_seconds - flow.total_work_seconds, 0.0)
    return Flow(
        total,
        total_work_seconds,
        now,
        flow.recent * kept + (total - flow.total),
        flow.recent_work_seconds * kept + worked,
        flow.recent_seconds * kept + elapsed,
    )


def window(flow: Flow, own_seconds: float = 0.0) -> int:
    """How many images may be in flight in all.

    `own_seconds` is what this service itself takes to ask for images and to settle them: without it a busy
    machine would make the window smaller, so results fewer, so the window smaller still.
    """
    seconds = TRANSPORT_SECONDS + own_seconds + flow.mean_work_seconds
    return max(FLOOR_IMAGES, math.ceil(flow.per_second * seconds))


def smoothed(seconds: float, latest: float) -> float:
    """A duration that follows its latest values, none of them counted for more than OWN_SECONDS_MOST."""
    return seconds + (min(latest, OWN_SECONDS_MOST) - seconds) * SMOOTHING


def request_limit(flow: Flow, usual_seconds: float = 0.0) -> int:
    """How many images one request may have in flight: a request that hangs cannot fill the window.

    `usual_seconds` is how long images that end well are out.
    """
    seconds = max(REQUEST_SECONDS, REQUEST_TIMES * usual_seconds)
    return max(REQUEST_FLOOR_IMAGES, math.ceil(flow.per_second * seconds))


def overdue_seconds(usual_seconds: float) -> float:
    """How long an image is out before it counts as hanging: far longer than those that end well are.

    In a queue all are out longer, and so none hangs: it must not let still more into the queue.
    """
    return max(OVERDUE_LEAST_SECONDS, OVERDUE_TIMES * usual_seconds)


def excused(overdue: int) -> int:
    """How many of the images that hang hold no place, so that they do not hold up those that work."""
    return min(overdue, EXCUSED_IMAGES)


def tenant_weights(left: Mapping[str, int]) -> Mapping[str, int]:
    """Shares of tenants by the images they have left: who wants little is soon done, and costs others little.

    With equal shares alone, one busy neighbour would already double everybody's time.
    """
    most = max(left.values(), default=0)
    return {
        tenant: SMALL_TENANT_TIMES if images * SMALL_TENANT_TIMES <= most else 1
        for tenant, images in left.items()
    }


@dataclass(frozen=True, slots=True)
class Candidate:
    """A request with something to dispatch."""

    request_id: UUID
    tenant: str
    priority: Priority
    in_flight: int
    available: int
    limit: int
    last_turn: int = -1  # the number of its last turn; smaller waited longer
    tenant_weight: int = 1


@dataclass(slots=True)
class _Tenant:
    weight: int
    in_flight: int = 0
    last_turn: int = -1
    requests: list[tuple[float, int, int]] = field(default_factory=list)  # a heap: share, last turn, index


def turns(candidates: Sequence[Candidate], slots: int) -> list[UUID]:
    """Whose image goes next, for each free slot: the tenant with the fewest in flight for its weight, of that
    tenant the request likewise, and among equals the one that has waited longest.
    """
    taken = [0] * len(candidates)
    tenants: dict[str, _Tenant] = {}
    for index, candidate in enumerate(candidates):
        tenant = tenants.setdefault(candidate.tenant, _Tenant(candidate.tenant_weight))
        tenant.in_flight += candidate.in_flight
        tenant.last_turn = max(tenant.last_turn, candidate.last_turn)
        if _has_room(candidate, 0):
            tenant.requests.append((_share(candidate, 0), candidate.last_turn, index))
    for tenant in tenants.values():
        heapq.heapify(tenant.requests)
    waiting = [
        (each.in_flight / each.weight, each.last_turn, name)
        for name, each in tenants.items()
        if each.requests
    ]
    heapq.heapify(waiting)
    order: list[UUID] = []
    while waiting and len(order) < slots:
        _, _, name = heapq.heappop(waiting)
        tenant, requests = tenants[name], tenants[name].requests
        _, _, index = heapq.heappop(requests)
        candidate = candidates[index]
        order.append(candidate.request_id)
        taken[index] += 1
        if _has_room(candidate, taken[index]):
            heapq.heappush(requests, (_share(candidate, taken[index]), len(order) + _LATER, index))
        tenant.in_flight += 1
        if requests:
            heapq.heappush(waiting, (tenant.in_flight / tenant.weight, len(order) + _LATER, name))
    return order


def turns_of_due(granted: int, due: int, fresh: int) -> int:
    """How many of a request's turns go to images that are due again: half of them, where new ones wait too.
    Else a host whose images are due again and again would keep the others from their first turn.
    """
    return min(due, max(math.ceil(granted / 2), granted - fresh))


_LATER = 1 << 60  # a turn of this pass comes after every turn of an earlier one


def _has_room(candidate: Candidate, taken: int) -> bool:
    return taken < candidate.available and candidate.in_flight + taken < candidate.limit


def _share(candidate: Candidate, taken: int) -> float:
    return (candidate.in_flight + taken) / WEIGHTS[candidate.priority]
