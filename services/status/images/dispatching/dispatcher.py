"""The dispatcher: releases image.requested through the window, fairly. One process does it at a time.

What it asks for is claimed in one short transaction, published and marked, so a crash at any point loses
nothing.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from uuid import UUID

import asyncpg

from services.status.images.dispatching.claiming import Claim, asked_of, claim_images, messages_of
from services.status.images.dispatching.dispatch_memory import DispatchMemory, Grant, OpenRequest
from services.status.images.dispatching.resting import LOOK_SECONDS, Resting, look_seconds, rest_seconds
from services.status.images.hosts.host_places import SILENT_CODES, Heard
from services.status.images.hosts.limited_hosts import TURNED_AWAY_CODES
from services.status.images.settling.gathering import Gathering
from services.status.images.window import TAKE_BY_SECONDS
from services.status.jobs.job import Signal
from services.status.jobs.publishing import UNSENT_SECONDS
from services.status.jobs.throttle import Throttle
from services.status.postgres.pool import Connection, all_or_nothing, exclusive
from services.status.postgres.statements import SQL
from services.status.records.database_row import Row
from shared.consuming.broker import Producer
from shared.consuming.handling import Outgoing
from shared.outcomes import Away
from shared.waits import wait_for

BATCH_IMAGES = 500
LOOK_FOR_UNSENT_SECONDS = 2.0
LOOK_FOR_HANGING_SECONDS = 0.25
PAUSE_SECONDS = 0.01  # between two passes at least
CROWD_PAUSE_SECONDS = 0.05  # while a pass has to look at many requests
HELD_SECONDS = 0.02  # a batch of results holds its requests for about as long
LED_BY_ANOTHER_SECONDS = 1.0  # after which that one may have died


class After(Enum):
    """What a pass leaves behind."""

    MORE = "more"  # to do at once
    HELD = "held"  # what was to be claimed, by whoever holds the rows of its requests
    OPEN = "open"  # requests that something may happen to
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Found:
    """What one transaction claims and leaves behind."""

    after: After
    batch_id: int | None = None
    messages: Sequence[Outgoing] = ()
    claimed_at: float | None = None  # unless it was claimed long ago


@dataclass(slots=True, kw_only=True)
class Dispatcher:
    pool: asyncpg.Pool
    producer: Producer
    signal: Signal  # something was planned or has a free place, or it is time to stop
    gathering: Gathering
    resting: Resting
    images_left: Callable[[], Mapping[str, int]]  # of each tenant
    memory: DispatchMemory = field(default_factory=DispatchMemory)
    leads: bool = False  # it is the one process that asks for images now
    _published: Sequence[int] = ()  # the batches that are on their topic and not yet marked
    _unsent: Throttle = field(default_factory=partial(Throttle, LOOK_FOR_UNSENT_SECONDS))
    _hanging: Throttle = field(default_factory=partial(Throttle, LOOK_FOR_HANGING_SECONDS))

    async def step(self, stopping: asyncio.Event) -> bool:
        """Keeps the lead while requests are open, so that what it remembers stays true. Asked to stop, it
        makes one pass.
        """
        async with exclusive(self.pool, "pixmill dispatcher") as connection:
            if connection is None:
                self.signal.set_within(LED_BY_ANOTHER_SECONDS)
                return False
            self._published = ()  # what a former lead left there comes again as unsent
            self.leads = True
            try:
                after = await self._lead(connection, stopping)
            finally:
                self.leads = False
                self.resting.rest_for(0.0)
                self.gathering.see(open_requests=0, waiting_requests=0)
            await self._mark_published(connection)
            return after is After.MORE

    async def _lead(self, connection: Connection, stopping: asyncio.Event) -> After:
        after = await self._pass(connection)
        while after is not After.NOTHING and not stopping.is_set():
            await self._rest(after, stopping)
            after = await self._pass(connection)
        return after

    async def _rest(self, after: After, stopping: asyncio.Event) -> None:
        began = time.monotonic()
        if after is After.HELD:
            await self.signal.wait(HELD_SECONDS)
        elif after is After.OPEN:
            await self.signal.wait(self._look_seconds())
        pause = CROWD_PAUSE_SECONDS if self.gathering.is_crowded else PAUSE_SECONDS
        if (left := began + pause - time.monotonic()) > 0:
            await wait_for(stopping, left)
        self.signal.clear()  # before the pass: what comes during it is not lost

    def _look_seconds(self) -> float:
        """Images that are due again at a host that takes few are looked for as soon as ever."""
        return LOOK_SECONDS if self.memory.limited.are_asked else look_seconds(self.resting.seconds)

    async def _pass(self, connection: Connection) -> After:
        """One transaction, which also marks what the passes before it published."""
        async with all_or_nothing(connection):
            found = await self._find_unsent(connection) or await self._find_next(connection)
        if found.batch_id is not None:
            await self._publish(connection, found.batch_id, found.messages)
            if found.claimed_at is not None:
                self.memory.took(time.monotonic() - found.claimed_at)
        return found.after

    async def _find_unsent(self, connection: Connection) -> Found | None:
        """A batch that was claimed long ago and never marked: the same ids, a new take_by."""
        if self._unsent.rests(time.monotonic()):
            return None
        batch = await connection.fetchrow(SQL["claim_due_batch"], UNSENT_SECONDS)
        if batch is None:
            self._unsent.rest(time.monotonic())
            return None
        await connection.fetch(SQL["lock_requests"], sorted(set(batch["request_ids"])))
        items = (batch["request_ids"], batch["ordinals"], batch["attempts"])
        rows = await connection.fetch(SQL["renew_images"], *items, TAKE_BY_SECONDS)
        return Found(After.MORE, batch["id"], messages_of(rows, self.memory.hosts))

    async def _find_next(self, connection: Connection) -> Found:
        self.memory.weigh_tenants(self.images_left())
        await self._listen_to_hosts(connection)
        requests = await self._look(connection)
        self.resting.rest_for(rest_seconds(requests, self.memory.usual_seconds))
        if any(each.overdue for each in requests):
            await self._find_hanging(connection)
        grants = self.memory.grant(requests, BATCH_IMAGES, time.monotonic())
        waiting = sum(_has_nothing_out(each) and each.id not in grants for each in requests)
        self.gathering.see(open_requests=len(requests), waiting_requests=waiting)
        if not grants:
            is_open = requests or await connection.fetchval(SQL["has_open_requests"])
            return Found(After.OPEN if is_open else After.NOTHING)
        began = time.monotonic()
        claim = await claim_images(connection, grants, self.memory.hosts, self.memory.limited)
        return Found(_after(grants, claim), claim.batch_id, claim.messages, began)

    async def _look(self, connection: Connection) -> Sequence[OpenRequest]:
        """Every request that has something in flight or to dispatch."""
        hanging_seconds = self.memory.hanging_seconds_left()
        rows = await connection.fetch(SQL["find_candidates"], BATCH_IMAGES, hanging_seconds, self._published)
        self._published = ()
        self.memory.hear_answers(rows[0], self.resting.seconds)
        requests = [OpenRequest.from_row(row) for row in rows if row["id"] is not None]
        self.memory.see_requests(requests, rows[0]["now"])
        return requests

    async def _listen_to_hosts(self, connection: Connection) -> None:
        """What was set aside for hosts that have answered is due now, as far as it can be asked for."""
        memory = self.memory
        if out := {*memory.hosts.out(), *memory.limited.out()}:
            codes = (SILENT_CODES, TURNED_AWAY_CODES)
            rows = await connection.fetch(SQL["read_asked"], *zip(*out, strict=True), *codes)
            news = [_heard(row) for row in rows]
            memory.hosts.hear(news)
            memory.hosts.answered_elsewhere(memory.limited.hear(news, time.monotonic()))
        if images := memory.hosts.called_back.take(BATCH_IMAGES):
            await connection.fetch(SQL["lock_requests"], sorted({request_id for request_id, _ in images}))
            await connection.execute(SQL["call_back_images"], *zip(*images, strict=True))

    async def _find_hanging(self, connection: Connection) -> None:
        memory, now = self.memory, time.monotonic()
        if not self._hanging.rests(now):
            rows = await connection.fetch(SQL["find_overdue"], memory.hanging_seconds_left())
            hanging = [row for row in rows if not memory.limited.limits(row["input_url"], now)]
            memory.hosts.hang([(row["input_url"], asked_of(row)) for row in hanging], now)
            self._hanging.rest(now)

    async def _publish(self, connection: Connection, batch_id: int, messages: Sequence[Outgoing]) -> None:
        try:
            await self.producer.publish(messages)
        except Away:
            await connection.execute(SQL["release_batch"], batch_id)
            raise
        self._published = (*self._published, batch_id)

    async def _mark_published(self, connection: Connection) -> None:
        for batch_id in self._published:
            await connection.execute(SQL["delete_batch"], batch_id)
        self._published = ()


def _after(grants: Mapping[UUID, Grant], claim: Claim) -> After:
    if claim.is_held_up:
        return After.HELD
    return After.MORE if _may_have_more(grants, claim) else After.OPEN


def _may_have_more(grants: Mapping[UUID, Grant], claim: Claim) -> bool:
    """Whether another pass would find more: this one was full, or walked over images that need nothing."""
    granted = sum(map(sum, grants.values()))
    is_full, got_all = granted >= BATCH_IMAGES, len(claim.messages) == granted
    return claim.moved and (is_full or not got_all)


def _has_nothing_out(request: OpenRequest) -> bool:
    return request.in_flight == 0 and request.fresh + request.due > 0


def _heard(row: Row) -> Heard:
    return Heard(asked_of(row), row["is_out"], row["is_answered"], row["turned_away_seconds"])
