"""Renders request.completed, the event and the webhook's body in one (pure). What it renders is stored and
never rendered again.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import assert_never

from services.status.records.request import ImageRecord, RequestRecord
from services.status.rendering.links import Links
from services.status.rendering.spellings import camel_product
from services.status.rendering.v1 import v1_summary
from services.status.rendering.values import Json, time_text
from shared.contract.codes import FailureCode
from shared.contract.events import RequestState, utc_text


@dataclass(slots=True)
class CompletionBody:
    """The event's value. It grows by one product after the other for as long as they fit."""

    record: RequestRecord  # as it is when the run has ended
    links: Links
    ended_at: datetime
    limit_bytes: int
    _products: list[bytes] = field(default_factory=list)
    _truncated: bool = False
    _room_bytes: int = 0

    def __post_init__(self) -> None:
        self._room_bytes = self.limit_bytes - len(self._render(truncated=True)) - 1

    def add(self, images: Sequence[ImageRecord]) -> None:
        """The next product, in the order of the CSV. A row without images is none."""
        if self._truncated or not images:
            return
        product = _compact(camel_product(str(self.record.id), images))
        self._truncated = len(product) + 1 > self._room_bytes
        if not self._truncated:
            self._room_bytes -= len(product) + 1
            self._products.append(product)

    def add_all(self, products: Iterable[Sequence[ImageRecord]]) -> None:
        """The next ones, of which no more are made than there is room for."""
        rest = iter(products)
        while self.takes_more and (images := next(rest, None)) is not None:
            self.add(images)

    @property
    def takes_more(self) -> bool:
        return not self._truncated

    def skip(self) -> None:
        """Leaves out products that exist."""
        self._truncated = True

    def render(self) -> bytes:
        return self._render(truncated=self._truncated)

    def _render(self, *, truncated: bool) -> bytes:
        before, after = _compact(self._envelope(truncated=truncated)).split(b'"products":[]')
        return before + b'"products":[' + b",".join(self._products) + b"]" + after

    def _envelope(self, *, truncated: bool) -> Json:
        record = self.record
        csv_url = self.links.request(record.id, "/output.csv") if record.has_output else None
        return {
            "type": "request.completed",
            "timestamp": utc_text(self.ended_at),
            "request_id": str(record.id),
            "requestId": str(record.id),
            "run": record.run,
            "status": record.state,
            "message": _message(record),
            "output_csv_url": csv_url,
            "data": {
                "request_id": str(record.id),
                "state": record.state,
                "counts": v1_summary(record, self.ended_at)["counts"],
                "bytes_in": record.bytes_in,
                "bytes_out": record.bytes_out,
                "status_url": self.links.request(record.id),
                "output_csv_url": csv_url,
                "created_at": time_text(record.created_at),
                "completed_at": utc_text(self.ended_at),
                "products": [],
                "products_truncated": truncated,
                "products_url": self.links.products(record.id),
            },
        }


def _message(record: RequestRecord) -> str:
    if record.failure_code is FailureCode.SOURCE_MISSING:
        return "The uploaded file is no longer in the object store."
    match record.state:
        case RequestState.COMPLETED:
            return f"{record.done} of {record.images} images were processed, {record.failed} failed."
        case RequestState.FAILED:
            return f"None of {record.images} images could be processed."
        case RequestState.CANCELLED:
            return f"Cancelled after {record.done} of {record.images} images."
        case RequestState.PENDING | RequestState.PROCESSING:
            raise AssertionError("the run has not ended")
        case _:
            assert_never(record.state)


def _compact(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
