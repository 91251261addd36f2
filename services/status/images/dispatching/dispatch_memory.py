"""What the dispatching process remembers, and how it shares the free places of the window by it (pure)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self
from uuid import UUID

from services.status.images.dispatching.fairness import (
    Candidate,
    Room,
    fair_order,
    share_of_due,
    tenant_weights,
)
from services.status.images.hosts.host_places import HostPlaces
from services.status.images.hosts.limited_hosts import LimitedHosts
from services.status.images.window import (
    RESTED_SECONDS,
    TAKE_BY_SECONDS,
    Flow,
    excused,
    observed,
    overdue_seconds,
    request_limit,
    smoothed,
    window,
)
from services.status.records.database_row import Row
from shared.contract.events import Priority


class OpenRequest(NamedTuple):
    """A request with something in flight or to dispatch: a row of `find_candidates`."""

    id: UUID
    tenant: str
    priority: Priority
    in_flight: int
    overdue: int  # of these, out for so long that they hang
    ended: int
    fresh: int  # never asked for in this run
    due: int  # to be asked for again

    @classmethod
    def from_row(cls, row: Row) -> Self:
        return cls(**{name: row[name] for name in cls._fields} | {"priority": Priority(row["priority"])})


class Grant(NamedTuple):
    """How many images of one request may be asked for now."""

    fresh: int
    due: int


@dataclass(slots=True)
class DispatchMemory:
    """Losing it costs a second of fairness, no image."""

    hosts: HostPlaces = field(default_factory=HostPlaces)
    limited: LimitedHosts = field(default_factory=LimitedHosts)
    _answers: Flow | None = None
    _successes: Flow | None = None  # how long they were out stands for their work
    _usual_seconds: float = 0.0  # that successes are out, as far as is known
    _own_seconds: float = 0.0  # from claim to acknowledgement
    _weighed: Mapping[str, int] | None = None  # what each tenant had left
    _tenant_weights: Mapping[str, int] = field(default_factory=dict)
    _requests: Mapping[UUID, Flow] = field(default_factory=dict)
    _last_slots: Mapping[UUID, int] = field(default_factory=dict)  # of each request, the latest it got
    _slots: int = 0  # given in all
    _window_images: int = 0
    _nothing_is_out: bool = False  # and nothing was given

    def hear_answers(self, row: Row, rest_seconds: float = 0.0) -> None:
        """A row of `find_candidates`, and how long looks for more of them rest."""
        if self._nothing_is_out:  # the time since then says nothing of how quickly answers come
            self._answers = self._successes = None
        now = row["now"]
        self._answers = observed(self._answers, row["images"], row["work_seconds"], now)
        self._successes = observed(self._successes, row["succeeded"], row["out_seconds"], now)
        self._usual_seconds = self._successes.mean_work_seconds or self._usual_seconds
        # Settling a result takes about as long as asking for it: each is a transaction of as many images.
        longer_rest = max(0.0, rest_seconds - RESTED_SECONDS)
        self._window_images = window(self._answers, 2 * self._own_seconds + longer_rest)

    @property
    def usual_seconds(self) -> float:
        """That images which end well are out, as far as is known."""
        return self._usual_seconds

    def see_requests(self, requests: Iterable[OpenRequest], now: float) -> None:
        """`now` is Postgres's, as in `hear_answers`."""
        self._requests = {
            each.id: observed(self._requests.get(each.id), each.ended, 0, now) for each in requests
        }

    def weigh_tenants(self, images_left: Mapping[str, int]) -> None:
        """Each pass asks for it; a count that was weighed before is not weighed again."""
        if images_left is not self._weighed:
            self._weighed, self._tenant_weights = images_left, tenant_weights(images_left)

    def took(self, seconds: float) -> None:
        """Asking for a batch took so long, from claim to acknowledgement."""
        self._own_seconds = smoothed(self._own_seconds, seconds)

    def hanging_seconds_left(self) -> float:
        """Until its take_by, of an image that is out for so long that it hangs."""
        return TAKE_BY_SECONDS - overdue_seconds(self._usual_seconds)

    def grant(self, requests: Sequence[OpenRequest], most_images: int, now: float) -> Mapping[UUID, Grant]:
        """Shares what is free of the window, and gives more to those who have less of it than their share, at
        most so many images; and remembers who got some.

        `now` is this process's own clock, by which hosts are known.
        """
        overdue = self._overdue(requests, now)
        in_flight = sum(each.in_flight for each in requests)
        free = self._window_images - in_flight + excused(overdue.total())
        candidates = [self._candidate(each, excused(overdue[each.id])) for each in requests]
        order = fair_order(candidates, Room(free, self._window_images, most_images))
        self._nothing_is_out = not order and not in_flight
        if not order:
            return {}
        self._remember(order, requests)
        slots = Counter(order)
        return {each.id: _grant(each, slots[each.id]) for each in requests if each.id in slots}

    def _overdue(self, requests: Sequence[OpenRequest], now: float) -> Counter[UUID]:
        """Of each request. Those at a host that may be silent are few, and compared with no others."""
        hanging = self.hosts.hanging(now)
        return Counter({each.id: max(each.overdue, hanging[each.id]) for each in requests})

    def _candidate(self, request: OpenRequest, excused_images: int) -> Candidate:
        own_limit = request_limit(self._requests[request.id], self._usual_seconds)
        return Candidate(
            request_id=request.id,
            tenant=request.tenant,
            priority=request.priority,
            in_flight=request.in_flight,
            available=request.fresh + request.due,
            limit=own_limit + excused_images,
            last_slot=self._last_slots.get(request.id, -1),
            tenant_weight=self._tenant_weights.get(request.tenant, 1),
        )

    def _remember(self, order: Sequence[UUID], requests: Sequence[OpenRequest]) -> None:
        open_ids = {each.id for each in requests}
        kept = {key: slot for key, slot in self._last_slots.items() if key in open_ids}
        given = {key: self._slots + number for number, key in enumerate(order, 1)}
        self._last_slots = kept | given
        self._slots += len(order)


def _grant(request: OpenRequest, slots: int) -> Grant:
    due = share_of_due(slots, request.due, request.fresh)
    return Grant(slots - due, due)
