"""The phases of one delivery as values: asked for, posted, answered (pure).

It reads what the two topics ask for and writes what webhook.attempted says; it knows no network.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from uuid import UUID

from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import (
    TARGET_HEADER,
    TENANT_HEADER,
    DeliveryOutcome,
    Event,
    RequestCompleted,
    WebhookAttempted,
    WebhookRetry,
)
from shared.contract.trace_context import trace_headers
from shared.outcomes import Invalid

DeliveryEvent = RequestCompleted | WebhookRetry  # what asks for a delivery

FRESH_FOR = timedelta(hours=1)  # what is older may be a replay: only status knows whether it is due
FIRST_ATTEMPT = 1


@dataclass(frozen=True, slots=True)
class Reference:
    """Which attempt at which delivery."""

    request_id: UUID
    webhook_id: UUID
    attempt: int
    traceparent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedDelivery:
    """Post these bytes to that target, signed for this tenant."""

    reference: Reference
    tenant: str
    sealed_target: str
    body: bytes
    asked_at: datetime | None  # by the completion, or by status; None: post it whatever the clock says


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of it. Every text in here may be shown to the tenant and written to logs."""

    outcome: DeliveryOutcome
    error: str | None = None
    status_code: int | None = None
    duration_ms: float = 0.0
    response_excerpt: str | None = None
    retry_after_seconds: float | None = None
    too_old: bool = False


def delivery_of(message: Incoming[DeliveryEvent]) -> AskedDelivery | None:
    """What the message asks for; None for a request that has no webhook. Raises `Invalid`."""
    reference = reference_of(message)
    if reference is None:
        return None
    sealed_target = _required(message, TARGET_HEADER)
    event = message.event
    if isinstance(event, WebhookRetry):
        return AskedDelivery(
            reference=reference,
            tenant=event.tenant,
            sealed_target=sealed_target,
            body=event.body.encode(),
            asked_at=None if event.at_any_age else message.time,
        )
    tenant = _required(message, TENANT_HEADER)
    return AskedDelivery(
        reference=reference,
        tenant=tenant,
        sealed_target=sealed_target,
        body=message.value,
        asked_at=message.time,
    )


def reference_of(message: Incoming[DeliveryEvent]) -> Reference | None:
    """The delivery that a message names, also when it cannot be handled; None when it names none."""
    event = message.event
    match event:
        case RequestCompleted() if TARGET_HEADER not in message.headers:
            return None
        case RequestCompleted():
            return Reference(event.request_id, message.id, FIRST_ATTEMPT, message.traceparent)
        case WebhookRetry():
            return Reference(event.request_id, event.webhook_id, event.attempt, message.traceparent)
        case _:
            assert_never(event)


def is_too_old(delivery: AskedDelivery, now: datetime) -> bool:
    return delivery.asked_at is not None and now - delivery.asked_at > FRESH_FOR


def attempted(reference: Reference, attempt: Attempt, started_at: datetime, ended_at: datetime) -> Outgoing:
    event = WebhookAttempted(
        request_id=reference.request_id,
        webhook_id=reference.webhook_id,
        attempt=reference.attempt,
        outcome=attempt.outcome,
        attempted_at=started_at,
        duration_ms=attempt.duration_ms,
        status_code=attempt.status_code,
        error=attempt.error,
        response_excerpt=attempt.response_excerpt,
        retry_after_seconds=attempt.retry_after_seconds,
        too_old=attempt.too_old,
    )
    return Outgoing(event, ended_at, trace_headers(reference.traceparent))


def _required(message: Incoming[Event], header: str) -> str:
    value = message.headers.get(header)
    if not value:
        raise Invalid(f"the message has no header {header}")
    return value
