"""webhook.attempted: records attempts and decides what comes next; and the job that asks for what is due."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import asyncpg

from services.status.jobs.wakes import Wakes
from services.status.postgres.pool import Connection, transaction
from services.status.postgres.statements import SQL
from services.status.records.states import DeliveryState
from services.status.webhooks.rules import Answer, Delivery, judge
from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import DeliveryOutcome, WebhookAttempted

_RECORDED = frozenset(DeliveryOutcome) - {DeliveryOutcome.DEFERRED}  # which says nothing about the delivery


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
        self.wakes.deliveries.set()
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
        self, before: Mapping[UUID, Delivery], events: Sequence[WebhookAttempted]
    ) -> dict[UUID, Delivery]:
        now = dict(before)
        changed: dict[UUID, Delivery] = {}
        for event in events:
            answer = Answer(event.attempt, event.outcome, event.retry_after_seconds)
            judged = judge(now[event.webhook_id], answer, self.schedule, random.random())  # noqa: S311 - spreads load
            if judged is not now[event.webhook_id]:
                now[event.webhook_id] = changed[event.webhook_id] = judged
        return changed


async def _lock(connection: Connection, webhook_ids: Iterable[UUID]) -> dict[UUID, Delivery]:
    rows = await connection.fetch(SQL["lock_deliveries"], sorted(webhook_ids))
    return {
        row["webhook_id"]: Delivery(
            DeliveryState(row["state"]),
            row["attempts"],
            row["next_attempt"],
            row["schedule_from"],
            row["asked"],
        )
        for row in rows
    }


async def _record(connection: Connection, events: Sequence[WebhookAttempted]) -> None:
    told = [event for event in events if event.outcome in _RECORDED]
    if not told:
        return
    rows = [
        (
            event.webhook_id,
            event.attempt,
            event.outcome.value,
            event.attempted_at,
            event.duration_ms,
            event.status_code,
            _text(event.error),
            _text(event.response_excerpt),
        )
        for event in told
    ]
    await connection.execute(SQL["insert_attempts"], *zip(*rows, strict=True))


def _text(text: str | None) -> str | None:
    return None if text is None else text.replace("\x00", "")  # Postgres holds no NUL


async def _settle(connection: Connection, changed: Mapping[UUID, Delivery]) -> None:
    if not changed:
        return
    rows = [
        (key, each.state.value, each.attempts, each.next_attempt, each.due_in_seconds)
        for key, each in changed.items()
    ]
    await connection.execute(SQL["settle_deliveries"], *zip(*rows, strict=True))
