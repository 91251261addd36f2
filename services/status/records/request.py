"""What the reading side knows of a request and its images, whichever source it came from. It knows
neither SQL nor JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.status.records.database_row import Row
from services.status.records.states import DeliveryState, ImageState
from shared.contract.codes import Code, known_code
from shared.contract.events import CsvAccepted, Priority, RequestState

ENDED_STATES = frozenset({RequestState.COMPLETED, RequestState.FAILED, RequestState.CANCELLED})


@dataclass(frozen=True, slots=True)
class WebhookRecord:
    """Where the end of the latest run is told, and how far that got."""

    url: str
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One request as its owner may see it."""

    id: UUID
    tenant: str
    state: RequestState
    run: int
    priority: Priority
    filename: str
    created_at: datetime
    products: int
    images: int
    run_started_at: datetime | None = None
    completed_at: datetime | None = None
    expires_at: datetime | None = None
    done: int = 0
    done_before: int = 0  # of these, in earlier runs
    planned_products: int = 0
    planned_images: int = 0
    next_ordinal: int = 0  # of the image that this run will ask for next
    failed: int = 0
    failed_before: int = 0  # of these, in earlier runs; they are not tried again in this one
    # How often each code stands among these, the most frequent first.
    failures: tuple[tuple[Code, int], ...] = ()
    cancelled: int = 0
    cancelling: bool = False  # it was asked to stop, and has not ended yet
    bytes_in: int = 0
    bytes_out: int = 0
    failure_code: Code | None = None
    output_csv_path: str | None = None
    webhook: WebhookRecord | None = None
    recorded: bool = True  # False: only the store knows it yet
    deleted: bool = False

    @property
    def ended(self) -> bool:
        return self.state in ENDED_STATES

    @property
    def has_output(self) -> bool:
        """A cancelled run has no file: its output CSV is made when it is asked for."""
        has_file = self.output_csv_path is not None
        return self.ended and not self.deleted and (has_file or self.state is RequestState.CANCELLED)

    def version(self) -> tuple[object, ...]:
        """Changes whenever something changes that a watcher is told of."""
        counts = (self.done, self.failed, self.cancelled)
        return (self.state, self.cancelling, self.run, *counts, self.webhook, self.expires_at)

    def images_version(self) -> tuple[object, ...]:
        """Changes whenever an image reads otherwise: each is planned, asked for, and ended once a run."""
        progress = (self.planned_images, self.next_ordinal, self.done, self.failed)
        return (self.run, self.state, self.failure_code, *progress)


class ImageRecord(NamedTuple):
    """One image beside its product, in the order of the CSV."""

    ordinal: int
    id: str
    input_url: str
    output_url: str | None
    state: ImageState
    started: bool
    product_number: int
    product_id: str
    serial_number: str
    product_name: str


class EndedImage(NamedTuple):
    """One image of an ended run, as far as a CSV tells of it."""

    ordinal: int
    product_number: int
    state: ImageState
    output_url: str | None = None
    code: Code | None = None
    detail: str | None = None
    bytes_out: int | None = None


class UploadedProduct(NamedTuple):
    """One product's row of the CSV, and where its images stand among those of the request."""

    cells: Sequence[str]
    first_ordinal: int
    images: int


def request_from_row(row: Row) -> RequestRecord:
    state = RequestState(row["state"])
    left = row["images"] - row["done"] - row["failed"]
    return RequestRecord(
        id=row["id"],
        tenant=row["tenant"],
        state=state,
        run=row["run"],
        priority=Priority(row["priority"]),
        filename=row["filename"],
        created_at=row["created_at"],
        products=row["products"],
        images=row["images"],
        run_started_at=row["run_started_at"],
        completed_at=row["completed_at"],
        expires_at=row["expires_at"],
        done=row["done"],
        done_before=row["done_before"],
        planned_products=row["planned_products"],
        planned_images=row["planned_images"],
        next_ordinal=row["next_ordinal"],
        failed=row["failed"],
        failed_before=row["failed_before"],
        failures=_failures(row["failure_counts"]),
        # Cancel changes only the request's row: what was open then is cancelled by arithmetic.
        cancelled=left if state is RequestState.CANCELLED else row["cancelled"],
        cancelling=row["cancel_requested_at"] is not None and state not in ENDED_STATES,
        bytes_in=row["bytes_in"],
        bytes_out=row["bytes_out"],
        failure_code=_code(row["failure_code"]),
        output_csv_path=row["output_csv_path"],
        webhook=_webhook_from_row(row),
        deleted=row["deleted_at"] is not None,
    )


def _failures(counts: Mapping[str, int]) -> tuple[tuple[Code, int], ...]:
    return tuple(
        (known_code(code), counts[code]) for code in sorted(counts, key=lambda code: (-counts[code], code))
    )


def _webhook_from_row(row: Row) -> WebhookRecord | None:
    if not row["webhook_url"]:
        return None
    state = DeliveryState(row["delivery_state"] or DeliveryState.WAITING)
    return WebhookRecord(row["webhook_url"], state, row["delivery_attempts"] or 0)


def request_from_event(event: CsvAccepted) -> RequestRecord:
    """The request before Postgres knows it."""
    return RequestRecord(
        id=event.request_id,
        tenant=event.tenant,
        state=RequestState.PENDING,
        run=1,
        priority=event.priority,
        filename=event.filename,
        created_at=event.created_at,
        products=event.products,
        images=event.images,
        webhook=WebhookRecord(event.webhook_url) if event.webhook_url else None,
        recorded=False,
    )


def images_from_page(rows: Sequence[Row]) -> list[ImageRecord]:
    """The name of a product comes with the first of its images on a page; the others share it."""
    images: list[ImageRecord] = []
    product = rows[0]
    for row in rows:
        product = row if row["begins_product"] else product
        images.append(_image(row, product))
    return images


def _image(row: Row, product: Row) -> ImageRecord:
    return ImageRecord(
        ordinal=row["ordinal"],
        id=row["id"],
        input_url=row["input_url"],
        output_url=row["output_url"],
        state=ImageState(row["state"]),
        started=row["started"],
        product_number=row["product_number"],
        product_id=row["product_id"],
        serial_number=product["serial_number"],
        product_name=product["product_name"],
    )


def ended_image_from_row(row: Row) -> EndedImage:
    return EndedImage(
        ordinal=row["ordinal"],
        product_number=row["product_number"],
        state=ImageState(row["state"]),
        output_url=row["output_url"],
        code=_code(row["code"]),
        detail=row["detail"],
        bytes_out=row["bytes_out"],
    )


def _code(text: str | None) -> Code | None:
    return None if text is None else known_code(text)


def is_expired(record: RequestRecord, now: datetime) -> bool:
    return record.expires_at is not None and record.expires_at <= now
