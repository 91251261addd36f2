"""Publishes request.completed for runs that ended: claim, publish, mark. One that was claimed and never
marked is due again with the same id and the same bytes.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg

from services.status.postgres.pool import connected
from services.status.postgres.statements import SQL
from shared.consuming.broker import Producer
from shared.consuming.handling import Outgoing
from shared.contract.events import TARGET_HEADER, TENANT_HEADER, Event, RequestCompleted
from shared.contract.trace_context import trace_headers
from shared.outcomes import Away

UNSENT_SECONDS = 15.0
BATCH_EVENTS = 20


class StoredCompletion(Event):
    """request.completed as it was rendered at the run's end. Its bytes go out unread."""

    TYPE = RequestCompleted.TYPE
    TOPIC = RequestCompleted.TOPIC

    id: UUID
    body: str

    def event_id(self) -> UUID:
        return self.id

    def value(self) -> bytes:
        return self.body.encode()


@dataclass(frozen=True, slots=True)
class Announcer:
    pool: asyncpg.Pool
    producer: Producer
    straight_to_webhook: bool  # else the first attempt waits for its time, like every later one

    async def step(self, _: asyncio.Event) -> bool:
        async with connected(self.pool) as connection:
            rows = await connection.fetch(SQL["claim_completions"], UNSENT_SECONDS, BATCH_EVENTS)
        if not rows:
            return False
        sequences = [row["sequence"] for row in rows]
        try:
            await self.producer.publish([self._message(row) for row in rows])
        except Away:
            await self._execute("release_completions", sequences)
            raise
        await self._execute("mark_completions", sequences)
        return len(rows) == BATCH_EVENTS

    async def _execute(self, name: str, sequences: Sequence[int]) -> None:
        async with connected(self.pool) as connection:
            await connection.execute(SQL[name], sequences)

    def _message(self, row: Any) -> Outgoing:
        event = StoredCompletion(request_id=row["request_id"], id=row["event_id"], body=row["body"])
        headers = {TENANT_HEADER: row["tenant"], **trace_headers(row["traceparent"])}
        if row["webhook_target"] and self.straight_to_webhook:
            headers[TARGET_HEADER] = row["webhook_target"]
        return Outgoing(event, row["completed_at"], headers)
