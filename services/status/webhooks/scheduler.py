"""Asks for due attempts by webhook.retry: claim, publish, mark."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg

from services.status.postgres.pool import connected
from services.status.postgres.statements import SQL
from shared.consuming.broker import Producer
from shared.consuming.handling import Outgoing
from shared.contract.events import TARGET_HEADER, TENANT_HEADER, WebhookRetry
from shared.contract.trace_context import trace_headers
from shared.outcomes import Away

UNSENT_SECONDS = 15.0

BATCH_DELIVERIES = 20


@dataclass(frozen=True, slots=True)
class DeliveryScheduler:
    pool: asyncpg.Pool
    producer: Producer

    async def step(self, _: asyncio.Event) -> bool:
        async with connected(self.pool) as connection:
            rows = await connection.fetch(SQL["claim_due_deliveries"], UNSENT_SECONDS, BATCH_DELIVERIES)
        if not rows:
            return False
        try:
            await self.producer.publish([_message(row) for row in rows])
        except Away:
            await self._execute("release_deliveries", rows)
            raise
        await self._execute("mark_deliveries_asked", rows)
        return len(rows) == BATCH_DELIVERIES

    async def _execute(self, name: str, rows: Sequence[Any]) -> None:
        claims = [(row["webhook_id"], row["claimed_at"]) for row in rows]
        async with connected(self.pool) as connection:
            await connection.execute(SQL[name], *zip(*claims, strict=True))


def _message(row: Any) -> Outgoing:
    event = WebhookRetry(
        request_id=row["request_id"],
        tenant=row["tenant"],
        webhook_id=row["webhook_id"],
        attempt=row["next_attempt"],
        body=row["body"],
        due_at=row["due_at"],
    )
    headers = {TENANT_HEADER: row["tenant"], TARGET_HEADER: row["webhook_target"]}
    return Outgoing(event, row["claimed_at"], headers | trace_headers(row["traceparent"]))
