"""Values that several spellings share: progress, times, the webhook (pure)."""

from datetime import datetime
from typing import Any

from services.status.records.request import RequestRecord, WebhookRecord
from shared.contract.events import utc_text

Json = dict[str, Any]


CANCELLING = "cancelling"


def shown_state(record: RequestRecord) -> str:
    """Its state, or that it will be cancelled: at any size that is seen at once."""
    return CANCELLING if record.cancelling else record.state


def progress(record: RequestRecord) -> float:
    """Percent of images that ended, one decimal; 100 is never shown by rounding up."""
    ended = record.done + record.failed + record.cancelled
    if record.ended or ended >= record.images:
        return 100.0
    return min(round(100 * ended / record.images, 1), 99.9)


def webhook_block(record: RequestRecord) -> Json | None:
    if record.webhook is None:
        return None
    return plain_webhook(record.webhook) | {"state": record.webhook.state}


def plain_webhook(webhook: WebhookRecord) -> Json:
    return {"url": webhook.url, "triggered": webhook.attempts > 0, "attempts": webhook.attempts}


def time_text(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)
