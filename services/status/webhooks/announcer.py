"""Announces the ends of runs: publishes request.completed, with the bytes that were stored then."""

from dataclasses import replace
from uuid import UUID

import asyncpg

from services.status.jobs.publishing import Outbox
from services.status.records.database_row import Row
from shared.consuming.broker import Producer
from shared.consuming.handling import Outgoing
from shared.contract.events import TARGET_HEADER, TENANT_HEADER, Event, RequestCompleted
from shared.contract.trace_context import trace_headers


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


def announcer(pool: asyncpg.Pool, producer: Producer, *, straight_to_webhook: bool) -> Outbox:
    """Where the first attempt at a webhook has to wait, it is asked for later, as every other one is."""
    return Outbox(
        pool=pool,
        producer=producer,
        claim="claim_completions",
        mark="mark_completions",
        release="release_completions",
        keys=("sequence",),
        message=_straight_to_webhook if straight_to_webhook else _announcement,
    )


def _announcement(row: Row) -> Outgoing:
    event = StoredCompletion(request_id=row["request_id"], id=row["event_id"], body=row["body"])
    headers = {TENANT_HEADER: row["tenant"], **trace_headers(row["traceparent"])}
    return Outgoing(event, row["completed_at"], headers)


def _straight_to_webhook(row: Row) -> Outgoing:
    announcement, target = _announcement(row), row["webhook_target"]
    if not target:
        return announcement
    return replace(announcement, headers={**announcement.headers, TARGET_HEADER: target})
