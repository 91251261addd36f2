"""What the metrics tell of deliveries: read off each answer, so that the handler knows of none."""

from collections.abc import Sequence

from services.notifier.deliveries import DeliveryEvent
from shared.consuming.handling import HandleEach, Incoming, Outgoing
from shared.contract.events import DeliveryOutcome, WebhookAttempted
from shared.observing.metrics import WEBHOOK_ATTEMPTS, WEBHOOK_SECONDS


def measured(handle: HandleEach[DeliveryEvent]) -> HandleEach[DeliveryEvent]:
    for outcome in DeliveryOutcome:
        WEBHOOK_ATTEMPTS.labels(outcome.value)

    async def handle_and_measure(message: Incoming[DeliveryEvent]) -> Sequence[Outgoing]:
        answers = await handle(message)
        for answer in answers:
            if isinstance(answer.event, WebhookAttempted):
                _measure(answer.event)
        return answers

    return handle_and_measure


def _measure(attempted: WebhookAttempted) -> None:
    WEBHOOK_ATTEMPTS.labels(attempted.outcome.value).inc()
    if attempted.duration_ms:
        WEBHOOK_SECONDS.observe(attempted.duration_ms / 1000)
