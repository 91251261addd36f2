"""Answers every delivery it is asked for with one webhook.attempted: delivered, failed, gone, deferred or
undeliverable. It never waits for a busy or broken receiver, and it knows neither broker nor HTTP client.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import SecretStr

from services.notifier.deliveries import (
    AskedDelivery,
    Attempt,
    DeliveryEvent,
    Reference,
    attempted,
    delivery_of,
    is_too_old,
    reference_of,
)
from services.notifier.poster import Post
from services.notifier.receivers import Deferral, Permit, Receiver, Receivers
from services.notifier.sign import signature_headers
from services.notifier.target import Target, UnusableTarget, parse_target
from services.notifier.verdict import is_healthy
from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import DeliveryOutcome, RequestCompleted
from shared.contract.targets import TargetKeyring, UnreadableTarget
from shared.contract.trace_context import trace_headers
from shared.contract.webhook_secret import signing_secret
from shared.observing.logs import Action, log
from shared.outbound.addresses import Networks

TOO_OLD_RETRY_SECONDS = 1.0  # status, which knows what was delivered, may ask at once


class Poster(Protocol):
    """The network, as the handler sees it."""

    async def post(self, post: Post) -> Attempt:
        """One post to its end, within a bounded time; whatever the receiver does is an `Attempt`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    targets: TargetKeyring
    master_keys: Sequence[SecretStr]  # newest first
    poster: Poster
    receivers: Receivers
    allowed: Networks  # what ALLOW_HOSTS lists
    now: Callable[[], datetime]


async def handle(message: Incoming[DeliveryEvent], dependencies: Dependencies) -> Sequence[Outgoing]:
    delivery = delivery_of(message)
    if isinstance(message.event, RequestCompleted):
        message.event.data.clear()  # its bytes are posted; parsed they would take ten times as much meanwhile
    if delivery is None:
        return ()
    started_at = dependencies.now()
    attempt = await _attempt(delivery, started_at, dependencies)
    _log(delivery.reference, attempt)
    return (attempted(delivery.reference, attempt, started_at, dependencies.now()),)


async def report_dead(message: Incoming[DeliveryEvent], dependencies: Dependencies) -> Sequence[Outgoing]:
    """The runner gave up on the message: its delivery must not wait for ever."""
    reference = reference_of(message)
    if reference is None:
        return ()
    now = dependencies.now()
    attempt = Attempt(
        outcome=DeliveryOutcome.UNDELIVERABLE, error="internal: Pixmill failed on this delivery"
    )
    return (attempted(reference, attempt, now, now),)


async def _attempt(delivery: AskedDelivery, now: datetime, dependencies: Dependencies) -> Attempt:
    if is_too_old(delivery, now):
        return Attempt(
            outcome=DeliveryOutcome.DEFERRED,
            error="too_old: it was asked for more than an hour ago",
            retry_after_seconds=TOO_OLD_RETRY_SECONDS,
            too_old=True,
        )
    try:
        target = parse_target(dependencies.targets.open(delivery.sealed_target), dependencies.allowed)
    except UnreadableTarget:  # while keys change ingest may have the new one first, so it is tried again
        return Attempt(
            outcome=DeliveryOutcome.FAILED, error="target_unreadable: no key opens the webhook target"
        )
    except UnusableTarget as unusable:
        return Attempt(outcome=DeliveryOutcome.UNDELIVERABLE, error=str(unusable))
    receiver = Receiver(delivery.tenant, target.endpoint, target.host)
    permit = dependencies.receivers.admit(receiver, len(delivery.body))
    if isinstance(permit, Deferral):
        return _deferred(permit)
    return await _post(_signed(delivery, target, now, dependencies.master_keys), permit, dependencies)


def _deferred(deferral: Deferral) -> Attempt:
    return Attempt(
        outcome=DeliveryOutcome.DEFERRED,
        error=deferral.reason,
        retry_after_seconds=deferral.retry_after_seconds,
    )


def _signed(delivery: AskedDelivery, target: Target, now: datetime, master_keys: Sequence[SecretStr]) -> Post:
    reference = delivery.reference
    secrets = [signing_secret(key, delivery.tenant) for key in master_keys]
    headers = {
        "Content-Type": "application/json",
        **signature_headers(str(reference.webhook_id), int(now.timestamp()), delivery.body, secrets),
        **trace_headers(reference.traceparent),
    }
    return Post(target, headers, delivery.body)


async def _post(post: Post, permit: Permit, dependencies: Dependencies) -> Attempt:
    healthy = None
    try:
        attempt = await dependencies.poster.post(post)
        healthy = is_healthy(attempt)
    finally:
        dependencies.receivers.finished(permit, healthy=healthy)
    return attempt


def _log(reference: Reference, attempt: Attempt) -> None:
    log.info(
        Action.DELIVERY_ATTEMPTED,
        request_id=str(reference.request_id),
        webhook_id=str(reference.webhook_id),
        attempt=reference.attempt,
        outcome=attempt.outcome,
        error=attempt.error,
        status_code=attempt.status_code,
        duration_ms=attempt.duration_ms,
    )
