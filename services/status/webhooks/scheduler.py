"""Asks for attempts at webhooks that are due: publishes webhook.retry."""

import asyncpg

from services.status.jobs.job import Signal
from services.status.jobs.publishing import NextDue, Outbox
from services.status.records.database_row import Row
from shared.consuming.broker import Producer
from shared.consuming.handling import Outgoing
from shared.contract.events import TARGET_HEADER, TENANT_HEADER, WebhookRetry
from shared.contract.trace_context import trace_headers


def delivery_scheduler(pool: asyncpg.Pool, producer: Producer, signal: Signal) -> Outbox:
    return Outbox(
        pool=pool,
        producer=producer,
        claim="claim_due_deliveries",
        mark="mark_deliveries_asked",
        release="release_deliveries",
        keys=("webhook_id", "claimed_at"),
        message=_retry,
        next_due=NextDue("next_due_delivery", signal),
    )


def _retry(row: Row) -> Outgoing:
    event = WebhookRetry(
        request_id=row["request_id"],
        tenant=row["tenant"],
        webhook_id=row["webhook_id"],
        attempt=row["next_attempt"],
        body=row["body"],
        due_at=row["due_at"],
        at_any_age=row["at_any_age"],
    )
    headers = {TENANT_HEADER: row["tenant"], TARGET_HEADER: row["webhook_target"]}
    return Outgoing(event, row["claimed_at"], headers | trace_headers(row["traceparent"]))
