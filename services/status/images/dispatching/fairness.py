"""Whose image goes next (pure): tenants, then a tenant's requests, by weight and by who waited longest."""

import heapq
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self
from uuid import UUID

from shared.contract.events import Priority

WEIGHTS: Mapping[Priority, int] = {Priority.HIGH: 4, Priority.NORMAL: 2, Priority.BULK: 1}
SMALL_TENANT_TIMES = 4  # who has so many times less left than the largest gets so many times the share

_LATER = 1 << 60  # a slot of this pass comes after every slot of an earlier one


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A request with something to dispatch."""

    request_id: UUID
    tenant: str
    priority: Priority
    in_flight: int
    available: int
    limit: int
    last_slot: int = -1  # the number of the latest slot it got; smaller waited longer
    tenant_weight: int = 1


@dataclass(frozen=True, slots=True)
class Room:
    """How many slots there are to give."""

    free: int  # for whoever is next; negative where more is in flight than the window holds
    window: int  # in all, for those who have less of it than their share
    most: int  # at a time


def fair_order(candidates: Sequence[Candidate], room: Room) -> list[UUID]:
    """Whose image goes next, for each slot: the tenant with the fewest in flight for its weight, of that
    tenant the request likewise, and among equals the one that has waited longest.

    Behind the last free slot only those are served who would find room in the window if nobody had more in
    flight than they: else whoever came first with images that stay long would hold it against all others.
    """
    tenants = _by_tenant(candidates)
    shares = _Shares(room.window, tenants.values())
    waiting = [(each.share, each.last_slot, name) for name, each in tenants.items() if each.requests]
    heapq.heapify(waiting)
    order: list[UUID] = []
    while waiting and len(order) < room.most:
        _, _, name = heapq.heappop(waiting)
        tenant, slot = tenants[name], _LATER + len(order)
        if len(order) >= room.free and not shares.have_room_for(tenant):
            continue
        order.append(tenant.serve(slot))
        if tenant.requests:
            heapq.heappush(waiting, (tenant.share, slot, name))
    return order


def share_of_due(granted: int, due: int, fresh: int) -> int:
    """How many of a request's slots go to images that are due again: half of them, where new ones wait too.
    Else a host whose images are due again and again would keep the others from being asked for at all.
    """
    return min(due, max(math.ceil(granted / 2), granted - fresh))


def tenant_weights(left: Mapping[str, int]) -> Mapping[str, int]:
    """Shares of tenants by the images they have left: who wants little is soon done, and costs others little.

    With equal shares alone, one busy neighbour would already double everybody's time.
    """
    most = max(left.values(), default=0)
    return {
        tenant: SMALL_TENANT_TIMES if images * SMALL_TENANT_TIMES <= most else 1
        for tenant, images in left.items()
    }


class _Request(NamedTuple):
    """Compared as a tuple is: no two have the same number, so no field behind it decides."""

    share: float
    last_slot: int
    number: int
    candidate: Candidate
    taken: int

    @classmethod
    def of(cls, candidate: Candidate, number: int, taken: int, last_slot: int) -> Self:
        share = (candidate.in_flight + taken) / WEIGHTS[candidate.priority]
        return cls(share=share, last_slot=last_slot, number=number, candidate=candidate, taken=taken)


class _Part(NamedTuple):
    """What a request has of the window."""

    in_flight: int
    weight: int


@dataclass(slots=True)
class _Tenant:
    weight: int
    in_flight: int = 0
    last_slot: int = -1
    requests: list[_Request] = field(default_factory=list)  # a heap
    _parts: dict[int, _Part] = field(default_factory=dict)  # of all its requests

    @property
    def share(self) -> float:
        return self.in_flight / self.weight

    def images_beside_next(self) -> float:
        """What it has in flight with the next image, if no request counted for more than the one that is
        next.
        """
        own = self._parts[self.requests[0].number]
        level = (own.in_flight + 1) / own.weight
        return 1 + sum(min(each.in_flight, each.weight * level) for each in self._parts.values())

    def add(self, candidate: Candidate, number: int) -> None:
        self.in_flight += candidate.in_flight
        self.last_slot = max(self.last_slot, candidate.last_slot)
        self._parts[number] = _Part(candidate.in_flight, WEIGHTS[candidate.priority])
        if _has_room(candidate, 0):
            self.requests.append(_Request.of(candidate, number, 0, candidate.last_slot))

    def serve(self, slot: int) -> UUID:
        """Gives this slot to the first of its requests."""
        first = heapq.heappop(self.requests)
        self.in_flight += 1
        part, taken = self._parts[first.number], first.taken + 1
        self._parts[first.number] = _Part(part.in_flight + 1, part.weight)
        if _has_room(first.candidate, taken):
            heapq.heappush(self.requests, _Request.of(first.candidate, first.number, taken, slot))
        return first.candidate.request_id


@dataclass(slots=True)
class _Shares:
    """Of the window, if it were given out anew."""

    window: int
    tenants: Collection[_Tenant]
    _refused: float = math.inf  # from so many images for their weight on there is no room: nothing leaves

    def have_room_for(self, tenant: _Tenant) -> bool:
        """For the next image of this tenant, if neither a request of it nor another tenant counted for more
        than its own, by their weights.
        """
        images = tenant.images_beside_next()
        level = images / tenant.weight
        if level >= self._refused:
            return False
        others = (min(each.in_flight, each.weight * level) for each in self.tenants if each is not tenant)
        if images + sum(others) <= self.window:
            return True
        self._refused = level
        return False


def _by_tenant(candidates: Sequence[Candidate]) -> Mapping[str, _Tenant]:
    tenants: dict[str, _Tenant] = {}
    for number, candidate in enumerate(candidates):
        tenants.setdefault(candidate.tenant, _Tenant(candidate.tenant_weight)).add(candidate, number)
    for tenant in tenants.values():
        heapq.heapify(tenant.requests)
    return tenants


def _has_room(candidate: Candidate, taken: int) -> bool:
    return taken < candidate.available and candidate.in_flight + taken < candidate.limit
