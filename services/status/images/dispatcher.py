"""The dispatcher: releases image.requested through the window, fairly. One process does it at a time.

What it asks for is claimed in one short transaction, published and marked, so a crash at any point loses
nothing.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg

from services.status.images.claiming import asked_of, claim_images, message_of
from services.status.images.dispatch_memory import DispatchMemory, Grant, OpenRequest
from services.status.images.host_places import SILENT_CODES, Heard
from services.status.images.limited_hosts import TURNED_AWAY_CODES
from services.status.images.window import TAKE_BY_SECONDS
from services.status.jobs.publishing import UNSENT_SECONDS, Claimed, publish_claimed
from services.status.jobs.throttle import Throttle
from services.status.postgres.pool import Connection, exclusive
from services.status.postgres.statements import SQL
from shared.consuming.broker import Producer
from shared.consuming.handling import Outgoing
from shared.waits import wait_for

BATCH_IMAGES = 500
LOOK_FOR_UNSENT_SECONDS = 0.5
WEIGH_TENANTS_SECONDS = 1.0
LOOK_FOR_HANGING_SECONDS = 0.25
STEP_SECONDS = 1.0
PAUSE_SECONDS = 0.01  # between two passes, so that a busy dispatcher fills its batches


@dataclass(slots=True)
class Dispatcher:
    pool: asyncpg.Pool
    producer: Producer
    memory: DispatchMemory = field(default_factory=DispatchMemory)
    _unsent: Throttle = field(default_factory=partial(Throttle, LOOK_FOR_UNSENT_SECONDS))
    _weighing: Throttle = field(default_factory=partial(Throttle, WEIGH_TENANTS_SECONDS))
    _hanging: Throttle = field(default_factory=partial(Throttle, LOOK_FOR_HANGING_SECONDS))

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
        requests = await self._look(connection)
        await self._listen_to_hosts(connection, is_hanging=any(each.overdue for each in requests))
        grants = self.memory.grant(requests, BATCH_IMAGES, time.monotonic())
        return await self._dispatch(connection, grants) if grants else False

    async def _resend(self, connection: Connection) -> bool:
        """Publishes one batch that was claimed long ago and never marked: the same ids, a new take_by."""
        if self._unsent.rests(time.monotonic()):
            return False
        async with connection.transaction():
            batch = await connection.fetchrow(SQL["claim_due_batch"], UNSENT_SECONDS)
            if batch is None:
                self._unsent.rest(time.monotonic())
                return False
            await connection.fetch(SQL["lock_requests"], sorted(set(batch["request_ids"])))
            items = (batch["request_ids"], batch["ordinals"], batch["attempts"])
            rows = await connection.fetch(SQL["renew_images"], *items, TAKE_BY_SECONDS)
        await self._publish(connection, batch["id"], [message_of(row, row) for row in rows])
        return True

    async def _weigh_tenants(self, connection: Connection) -> None:
        now = time.monotonic()
        if self._weighing.rests(now):
            return
        self.memory.weigh_tenants(dict(await connection.fetch(SQL["images_left"])))
        self._weighing.rest(now)

    async def _look(self, connection: Connection) -> Sequence[OpenRequest]:
        """Every request that has something in flight or to dispatch."""
        (answers,) = await connection.fetch(SQL["read_answers"])
        self.memory.hear_answers(answers)
        hanging_seconds = self.memory.hanging_seconds_left()
        rows = await connection.fetch(SQL["find_candidates"], BATCH_IMAGES, hanging_seconds)
        requests = [OpenRequest.from_row(row) for row in rows]
        self.memory.see_requests(requests, answers["now"])
        return requests

    async def _listen_to_hosts(self, connection: Connection, *, is_hanging: bool) -> None:
        memory, now = self.memory, time.monotonic()
        if out := {*memory.hosts.out(), *memory.limited.out()}:
            codes = (SILENT_CODES, TURNED_AWAY_CODES)
            rows = await connection.fetch(SQL["read_asked"], *zip(*out, strict=True), *codes)
            news = [_heard(row) for row in rows]
            memory.hosts.hear(news)
            memory.limited.hear(news, now)
        if is_hanging and not self._hanging.rests(now):
            rows = await connection.fetch(SQL["find_overdue"], memory.hanging_seconds_left())
            hanging = [row for row in rows if not memory.limited.limits(row["input_url"], now)]
            memory.hosts.hang([(row["input_url"], asked_of(row)) for row in hanging], now)
            self._hanging.rest(now)

    async def _dispatch(self, connection: Connection, grants: Mapping[UUID, Grant]) -> bool:
        began = time.monotonic()
        async with connection.transaction():
            claim = await claim_images(connection, grants, self.memory.hosts, self.memory.limited)
        if claim.batch_id is not None:
            await self._publish(connection, claim.batch_id, claim.messages)
            self.memory.took(time.monotonic() - began)
        return claim.moved

    async def _publish(self, connection: Connection, batch_id: int, messages: Sequence[Outgoing]) -> None:
        batch = Claimed(
            messages=messages,
            mark=SQL["delete_batch"],
            release=SQL["release_batch"],
            parameters=(batch_id,),
        )
        await publish_claimed(batch, self.producer, connection.execute)


def _heard(row: Any) -> Heard:
    return Heard(asked_of(row), row["is_out"], row["is_answered"], row["turned_away_seconds"])
