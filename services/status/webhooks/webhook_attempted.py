"""webhook.attempted: records attempts, and decides whether and when the next one comes."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from services.status.jobs.wakes import Wakes, Work
from services.status.postgres.pool import Connection, transaction
from services.status.postgres.statements import SQL
from services.status.postgres.text import storable
from services.status.records.database_row import Row
from services.status.records.states import DeliveryState
from services.status.webhooks.rules import Answer, DeliveryNow, judge
from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import DeliveryOutcome, WebhookAttempted

_RECORDED = frozenset(DeliveryOutcome) - {DeliveryOutcome.DEFERRED}  # which says nothing about the delivery


class Attempt(NamedTuple):
    """A row of `insert_attempts`."""

    webhook_id: UUID
    attempt: int
    outcome: DeliveryOutcome
    attempted_at: datetime
    duration_ms: float
    status_code: int | None
    error: str | None
    response_excerpt: str | None


class SettledDelivery(NamedTuple):
    """A delivery after an answer: a row of `settle_deliveries`."""

    webhook_id: UUID
    state: DeliveryState
    attempts: int
    next_attempt: int
    due_in_seconds: float | None
    at_any_age: bool


@dataclass(frozen=True, slots=True)
class Deliveries:
    pool: asyncpg.Pool
    wakes: Wakes
    schedule: Sequence[float]

    async def handle_batch(self, messages: Sequence[Incoming[WebhookAttempted]]) -> Sequence[Outgoing]:
        events = [message.event for message in messages]
        async with transaction(self.pool) as connection:
            before = await _lock(connection, {event.webhook_id for event in events})
            known = [event for event in events if event.webhook_id in before]
            await _record(connection, known)
            await _settle(connection, self._judge_all(before, known))
        self.wakes.call(Work.DELIVER)
        return ()

    async def report_dead(self, message: Incoming[WebhookAttempted]) -> Sequence[Outgoing]:
        """An answer that cannot be recorded counts as a failed attempt; the next one comes."""
        told = message.event
        bare = WebhookAttempted(
            request_id=told.request_id,
            webhook_id=told.webhook_id,
            attempt=told.attempt,
            outcome=DeliveryOutcome.FAILED,
            attempted_at=message.time,
            error="internal",
        )
        return await self.handle_batch([replace(message, event=bare)])

    def _judge_all(
        self, before: Mapping[UUID, DeliveryNow], events: Sequence[WebhookAttempted]
    ) -> dict[UUID, DeliveryNow]:
        now = dict(before)
        changed: dict[UUID, DeliveryNow] = {}
        for event in events:
            answer = Answer(event.attempt, event.outcome, event.retry_after_seconds, event.too_old)
            judged = judge(now[event.webhook_id], answer, self.schedule, random.random())  # noqa: S311 - spreads load
            if judged is not now[event.webhook_id]:
                now[event.webhook_id] = changed[event.webhook_id] = judged
        return changed


async def _lock(connection: Connection, webhook_ids: Iterable[UUID]) -> dict[UUID, DeliveryNow]:
    rows = await connection.fetch(SQL["lock_deliveries"], sorted(webhook_ids))
    return {row["webhook_id"]: _delivery_now(row) for row in rows}


def _delivery_now(row: Row) -> DeliveryNow:
    return DeliveryNow(
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        next_attempt=row["next_attempt"],
        schedule_from=row["schedule_from"],
        asked=row["asked"],
    )


async def _record(connection: Connection, events: Sequence[WebhookAttempted]) -> None:
    attempts = [_attempt(event) for event in events if event.outcome in _RECORDED]
    if attempts:
        await connection.execute(SQL["insert_attempts"], *zip(*attempts, strict=True))


def _attempt(event: WebhookAttempted) -> Attempt:
    return Attempt(
        webhook_id=event.webhook_id,
        attempt=event.attempt,
        outcome=event.outcome,
        attempted_at=event.attempted_at,
        duration_ms=event.duration_ms,
        status_code=event.status_code,
        error=storable(event.error),
        response_excerpt=storable(event.response_excerpt),
    )


async def _settle(connection: Connection, changed: Mapping[UUID, DeliveryNow]) -> None:
    settled = [_settled(webhook_id, delivery) for webhook_id, delivery in changed.items()]
    if settled:
        await connection.execute(SQL["settle_deliveries"], *zip(*settled, strict=True))


def _settled(webhook_id: UUID, delivery: DeliveryNow) -> SettledDelivery:
    return SettledDelivery(
        webhook_id=webhook_id,
        state=delivery.state,
        attempts=delivery.attempts,
        next_attempt=delivery.next_attempt,
        due_in_seconds=delivery.due_in_seconds,
        at_any_age=delivery.at_any_age,
    )
