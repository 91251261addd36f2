"""The dispatcher: releases image.requested through the window, fairly. One process does it at a time.

Claim in one short transaction, publish, mark: a batch that was claimed and never marked is due again with the
same ids, so a crash at any point loses nothing.
"""

import asyncio
import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from services.status.images.claiming import asked_of, claim_images, message_of
from services.status.images.fairness import Candidate, fair_order, share_of_due, tenant_weights
from services.status.images.host_places import SILENT_CODES, Heard, HostPlaces
from services.status.images.window import (
    TAKE_BY_SECONDS,
    Flow,
    excused,
    observed,
    overdue_seconds,
    request_limit,
    smoothed,
    window,
)
from services.status.postgres.pool import Connection, exclusive
from services.status.postgres.statements import SQL
from shared.consuming.broker import Producer
from shared.consuming.handling import Outgoing
from shared.contract.events import Priority
from shared.outcomes import Away
from shared.waits import wait_for

BATCH_IMAGES = 500
UNSENT_SECONDS = 15.0
LOOK_FOR_UNSENT_SECONDS = 0.5
WEIGH_TENANTS_SECONDS = 1.0
LOOK_FOR_HANGING_SECONDS = 0.25
STEP_SECONDS = 1.0
PAUSE_SECONDS = 0.01  # between two passes, so that a busy dispatcher fills its batches


@dataclass(slots=True)
class _Memory:
    """What the dispatching process remembers. Losing it costs a second of fairness, no image."""

    all_answers: Flow | None = None
    successes: Flow | None = None  # how long they were out stands for their work
    usual_seconds: float = 0.0  # that successes are out, as far as is known
    requests: dict[UUID, Flow] = field(default_factory=dict)
    last_turns: dict[UUID, int] = field(default_factory=dict)
    turn: int = 0
    own_seconds: float = 0.0  # from claim to acknowledgement
    looked_for_unsent_at: float = -math.inf
    tenant_weights: Mapping[str, int] = field(default_factory=dict)
    weighed_tenants_at: float = -math.inf
    hosts: HostPlaces = field(default_factory=HostPlaces)
    looked_for_hanging_at: float = -math.inf

    def hanging_seconds_left(self) -> float:
        """Until its take_by, of an image that is out for so long that it hangs."""
        return TAKE_BY_SECONDS - overdue_seconds(self.usual_seconds)


@dataclass(frozen=True, slots=True)
class Dispatcher:
    pool: asyncpg.Pool
    producer: Producer
    _memory: _Memory = field(default_factory=_Memory)

    async def step(self, stopping: asyncio.Event) -> bool:
        async with exclusive(self.pool, "pixmill dispatcher") as connection:
            if connection is None:
                return False
            step_ends = time.monotonic() + STEP_SECONDS
            while await self._pass(connection):
                if stopping.is_set() or time.monotonic() > step_ends:
                    return True
                await wait_for(stopping, PAUSE_SECONDS)
        return False

    async def _pass(self, connection: Connection) -> bool:
        """Says whether there may be more to do at once."""
        if await self._resend(connection):
            return True
        await self._weigh_tenants(connection)
        limit, rows = await self._look(connection)
        await self._listen_to_hosts(connection, hanging=any(row["overdue"] for row in rows))
        overdue = self._overdue(rows)
        free = limit - sum(row["in_flight"] for row in rows) + excused(overdue.total())
        candidates = [self._candidate(row, excused(overdue[row["id"]])) for row in rows]
        order = fair_order(candidates, min(free, BATCH_IMAGES))
        if not order:
            return False
        self._remember_turns(order, rows)
        grants = Counter(order)
        due = {
            row["id"]: share_of_due(grants[row["id"]], row["due"], row["fresh"])
            for row in rows
            if row["id"] in grants
        }
        return await self._dispatch(connection, grants, due)

    async def _weigh_tenants(self, connection: Connection) -> None:
        memory, now = self._memory, time.monotonic()
        if now - memory.weighed_tenants_at < WEIGH_TENANTS_SECONDS:
            return
        left = {row["tenant"]: row["images"] for row in await connection.fetch(SQL["images_left"])}
        memory.tenant_weights, memory.weighed_tenants_at = tenant_weights(left), now

    async def _look(self, connection: Connection) -> tuple[int, Sequence[Any]]:
        """The window, and every request that has something in flight or to dispatch."""
        (answers,) = await connection.fetch(SQL["read_answers"])
        memory, now = self._memory, answers["now"]
        memory.all_answers = observed(memory.all_answers, answers["images"], answers["work_seconds"], now)
        memory.successes = observed(memory.successes, answers["succeeded"], answers["out_seconds"], now)
        memory.usual_seconds = memory.successes.mean_work_seconds or memory.usual_seconds
        rows = await connection.fetch(SQL["find_candidates"], BATCH_IMAGES, memory.hanging_seconds_left())
        memory.requests = {
            row["id"]: observed(memory.requests.get(row["id"]), row["ended"], 0, now) for row in rows
        }
        # Settling a result takes about as long as asking for it: each is a transaction of as many images.
        return window(memory.all_answers, 2 * memory.own_seconds), rows

    async def _listen_to_hosts(self, connection: Connection, *, hanging: bool) -> None:
        memory, now = self._memory, time.monotonic()
        if out := memory.hosts.out():
            rows = await connection.fetch(SQL["read_asked"], *zip(*out, strict=True), SILENT_CODES)
            memory.hosts.hear(Heard(asked_of(row), row["is_out"], row["is_answered"]) for row in rows)
        if hanging and now - memory.looked_for_hanging_at >= LOOK_FOR_HANGING_SECONDS:
            rows = await connection.fetch(SQL["find_overdue"], memory.hanging_seconds_left())
            memory.hosts.hang([(row["input_url"], asked_of(row)) for row in rows], now)
            memory.looked_for_hanging_at = now

    def _overdue(self, rows: Sequence[Any]) -> Counter[UUID]:
        """Of each request. Those at a host that may be silent are few, and compared with no others."""
        hanging = self._memory.hosts.hanging(time.monotonic())
        return Counter({row["id"]: max(row["overdue"], hanging[row["id"]]) for row in rows})

    def _candidate(self, row: Any, excused_images: int) -> Candidate:
        memory = self._memory
        return Candidate(
            row["id"],
            row["tenant"],
            Priority(row["priority"]),
            row["in_flight"],
            row["fresh"] + row["due"],
            request_limit(memory.requests[row["id"]], memory.usual_seconds) + excused_images,
            memory.last_turns.get(row["id"], -1),
            memory.tenant_weights.get(row["tenant"], 1),
        )

    def _remember_turns(self, order: Sequence[UUID], rows: Sequence[Any]) -> None:
        memory, known = self._memory, {row["id"] for row in rows}
        memory.last_turns = {key: turn for key, turn in memory.last_turns.items() if key in known}
        for request_id in order:
            memory.turn += 1
            memory.last_turns[request_id] = memory.turn

    async def _dispatch(self, connection: Connection, grants: Counter[UUID], due: dict[UUID, int]) -> bool:
        began = time.monotonic()
        async with connection.transaction():
            claim = await claim_images(connection, grants, due, self._memory.hosts)
        if claim.batch_id is not None:
            await self._send(connection, claim.batch_id, claim.messages)
            self._memory.own_seconds = smoothed(self._memory.own_seconds, time.monotonic() - began)
        return claim.moved

    async def _send(self, connection: Connection, batch_id: int, messages: Sequence[Outgoing]) -> None:
        try:
            await self.producer.publish(messages)
        except Away:
            await connection.execute(SQL["release_batch"], batch_id)
            raise
        await connection.execute(SQL["delete_batch"], batch_id)

    async def _resend(self, connection: Connection) -> bool:
        """Publishes one batch that was claimed long ago and never marked: the same ids, a new take_by."""
        if time.monotonic() - self._memory.looked_for_unsent_at < LOOK_FOR_UNSENT_SECONDS:
            return False
        async with connection.transaction():
            batch = await connection.fetchrow(SQL["claim_due_batch"], UNSENT_SECONDS)
            if batch is None:
                self._memory.looked_for_unsent_at = time.monotonic()
                return False
            await connection.fetch(SQL["lock_requests"], sorted(set(batch["request_ids"])))
            items = (batch["request_ids"], batch["ordinals"], batch["attempts"])
            rows = await connection.fetch(SQL["renew_images"], *items, TAKE_BY_SECONDS)
        await self._send(connection, batch["id"], [message_of(row, row) for row in rows])
        return True
