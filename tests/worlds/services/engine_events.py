"""Events as ingest and the processors send them, for tests that answer in their place."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.contract.events import CsvAccepted, ImageDone, ImageOutcome, ImageRequested
from shared.contract.keys import rows_key, source_key


def done(request: ImageRequested, **changes: Any) -> ImageDone:
    values = {
        **request.attempt_names(),
        "outcome": ImageOutcome.DONE,
        "original_key": f"requests/{request.request_id}/original/{request.ordinal}-a.jpg",
        "output_key": f"requests/{request.request_id}/output/{request.ordinal}-b.jpg",
        "bytes_in": 100,
        "bytes_out": 40,
        "format": "jpeg",
    }
    return ImageDone.model_validate(values | changes)


def failed(request: ImageRequested, code: str = "http_404", **changes: Any) -> ImageDone:
    values = {**request.attempt_names(), "outcome": ImageOutcome.FAILED, "code": code}
    return ImageDone.model_validate(values | changes)


def stale(request: ImageRequested) -> ImageDone:
    return ImageDone.model_validate({**request.attempt_names(), "outcome": ImageOutcome.STALE})


def turned_away(request: ImageRequested, **changes: Any) -> ImageDone:
    """Its host takes no more requests for now, and said so to this image."""
    values = {
        **request.attempt_names(),
        "outcome": ImageOutcome.STALE,
        "code": "http_429",
        "retry_after_seconds": 1.0,
        "refused": True,
    }
    return ImageDone.model_validate(values | changes)


def accepted(request_id: UUID, **changes: Any) -> CsvAccepted:
    values = {
        "request_id": request_id,
        "tenant": "local",
        "created_at": datetime.now(UTC),
        "filename": "p.csv",
        "source_key": source_key(request_id),
        "source_bytes": 1,
        "source_sha256": "0" * 64,
        "rows_key": rows_key(request_id),
        "columns": ["S. No.", "Product Name", "Input Image Urls"],
        "products": 3,
        "images": 3,
    }
    return CsvAccepted.model_validate(values | changes)
