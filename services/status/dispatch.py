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

from services.status.database import Connection, exclusive
from services.status.sql import SQL
from services.status.window import (
    TAKE_BY_SECONDS,
    Candidate,
    Flow,
    excused,
    observed,
    overdue_seconds,
    request_limit,
    smoothed,
    tenant_weights,
    turns,
    window,
)
from shared.broker import Producer
from shared.clock import utc_now
from shared.events import ImageRequested, Priority
from shared.handling import Away, Outgoing
from shared.trace_context import trace_headers
from shared.waits import wait_for

BATCH_IMAGES = 500
SCAN_IMAGES = 5_000  # ordinals one claim may walk over, of which many may be done or repeats
UNSENT_SECONDS = 15.0
LOOK_FOR_UNSENT_SECONDS = 0.5
WEIGH_TENANTS_SECONDS = 1.0
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
        free = limit - sum(row["in_flight"] for row in rows) + excused(sum(row["overdue"] for row in rows))
        order = turns([self._candidate(row) for row in rows], min(free, BATCH_IMAGES))
        if not order:
            return False
        self._remember_turns(order, rows)
        grants = Counter(order)
        due = {row["id"]: min(row["due"], grants[row["id"]]) for row in rows if row["id"] in grants}
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
        must_be_taken_within = TAKE_BY_SECONDS - overdue_seconds(memory.usual_seconds)
        rows = await connection.fetch(SQL["find_candidates"], BATCH_IMAGES, must_be_taken_within)
        memory.requests = {
            row["id"]: observed(memory.requests.get(row["id"]), row["ended"], 0, now) for row in rows
        }
        # Settling a result takes about as long as asking for it: each is a transaction of as many images.
        return window(memory.all_answers, 2 * memory.own_seconds), rows

    def _candidate(self, row: Any) -> Candidate:
        memory = self._memory
        return Candidate(
            row["id"],
            row["tenant"],
            Priority(row["priority"]),
            row["in_flight"],
            row["fresh"] + row["due"],
            request_limit(memory.requests[row["id"]], memory.usual_seconds) + excused(row["overdue"]),
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
            claim = await _claim(connection, grants, due)
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
        await self._send(connection, batch["id"], [_message(row, row) for row in rows])
        return True


@dataclass(frozen=True, slots=True)
class _Claim:
    moved: bool  # something was claimed, or a cursor went on
    batch_id: int | None = None
    messages: Sequence[Outgoing] = ()


async def _claim(connection: Connection, grants: Counter[UUID], due: dict[UUID, int]) -> _Claim:
    locked = await connection.fetch(SQL["lock_for_dispatch"], sorted(grants))
    if not locked:
        return _Claim(moved=False)
    requests = {row["id"]: row for row in locked}
    wanted = [
        (key, row["run"], row["next_ordinal"], _stop(row), grants[key] - due[key], due[key])
        for key, row in requests.items()
    ]
    images = await connection.fetch(SQL["claim_images"], *zip(*wanted, strict=True), TAKE_BY_SECONDS)
    cursors = {key: _cursor(row, grants[key] - due[key], images) for key, row in requests.items()}
    claimed = Counter(image["request_id"] for image in images)
    counts = [(key, claimed[key], cursors[key], due[key]) for key in requests]
    await connection.execute(SQL["count_claims"], *zip(*counts, strict=True))
    moved = any(cursors[key] > row["next_ordinal"] for key, row in requests.items())
    if not images:
        return _Claim(moved=moved)
    images.sort(key=lambda image: (image["request_id"], image["ordinal"]))
    items = [(image["request_id"], image["ordinal"], image["attempt"]) for image in images]
    batch_id = await connection.fetchval(SQL["insert_batch"], *zip(*items, strict=True))
    return _Claim(True, batch_id, [_message(image, requests[image["request_id"]]) for image in images])


def _stop(request: Any) -> int:
    """Where the walk of this claim ends: a long stretch of images that need nothing is walked in several."""
    return min(int(request["next_ordinal"]) + SCAN_IMAGES, int(request["planned_images"]))


def _cursor(request: Any, slots: int, images: Sequence[Any]) -> int:
    if slots == 0:
        return int(request["next_ordinal"])
    own = [image for image in images if image["request_id"] == request["id"] and image["is_fresh"]]
    if len(own) < slots:
        return _stop(request)
    return 1 + max(int(image["ordinal"]) for image in own)


def _message(image: Any, request: Any) -> Outgoing:
    event = ImageRequested(
        request_id=image["request_id"],
        image_id=image["id"],
        ordinal=image["ordinal"],
        run=image["run"],
        attempt=image["attempt"],
        url=image["input_url"],
        quality=request["quality"],
        format=request["format"],
        take_by=image["take_by"],
    )
    return Outgoing(event, utc_now(), trace_headers(request["traceparent"]))
