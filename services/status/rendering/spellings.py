"""A request as `/status` spells it (snake case) and as `/api/status` does (camel case) (pure)."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import assert_never

from services.status.records.request import ImageRecord, RequestRecord
from services.status.records.states import ENDED_IMAGES, ImageState
from services.status.rendering.links import download_path
from services.status.rendering.values import Json, plain_webhook, progress, time_text, webhook_block
from shared.contract.events import RequestState

_WHOLE = re.compile(r"[+-]?[0-9]{1,300}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,15}\.[0-9]{1,15}")


class SpelledState(StrEnum):
    """How far a request or a product is: the snake and the camel spelling know no cancelled one."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


def snake_head(record: RequestRecord) -> Json:
    """The members before the two arrays, which follow in the order images, products."""
    ended_well = record.state is RequestState.COMPLETED
    # This spelling knows no pending.
    state = RequestState.PROCESSING if record.state is RequestState.PENDING else record.state
    return {
        "request_id": str(record.id),
        "status": _spelled_state(state),
        "state": record.state,
        "progress": progress(record),
        "output_csv_url": download_path(record.id) if ended_well else None,
        "created_at": time_text(record.created_at),
        "completed_at": time_text(record.completed_at),
        "filename": record.filename,
        "webhook": webhook_block(record),
    }


def snake_image(image: ImageRecord) -> Json:
    return {
        "id": image.id,
        "product_id": image.product_id,
        "input_url": image.input_url,
        "output_url": image.output_url,
    }


def snake_product(images: Sequence[ImageRecord]) -> Json:
    first = images[0]
    return {
        "id": first.product_id,
        "serial_number": first.serial_number,
        "product_name": first.product_name,
        "input_image_urls": [image.input_url for image in images],
        "output_image_urls": [image.output_url for image in images],
        "processing_status": product_state(images),
    }


def camel_head(record: RequestRecord) -> Json:
    """The members before the products, which follow."""
    return {
        "requestId": str(record.id),
        "status": _spelled_state(record.state),
        "progress": progress(record),
        "createdAt": time_text(record.created_at),
        "completedAt": time_text(record.completed_at),
        "webhook": plain_webhook(record.webhook) if record.webhook else None,
    }


def camel_product(request_id: str, images: Sequence[ImageRecord]) -> Json:
    first = images[0]
    return {
        "requestId": request_id,
        "serialNumber": serial_number(first.serial_number),
        "productName": first.product_name,
        "inputImageUrls": [image.input_url for image in images],
        "outputImageUrls": [image.output_url for image in images],
        "processingStatus": product_state(images),
    }


def _spelled_state(state: RequestState) -> SpelledState:
    match state:
        case RequestState.PENDING:
            return SpelledState.PENDING
        case RequestState.PROCESSING:
            return SpelledState.PROCESSING
        case RequestState.COMPLETED:
            return SpelledState.COMPLETED
        case RequestState.FAILED | RequestState.CANCELLED:
            return SpelledState.FAILED
        case _:
            assert_never(state)


def product_state(images: Sequence[ImageRecord]) -> SpelledState:
    """Pending until an image starts, processing until all ended, then failed only if none is done."""
    states = {image.state for image in images}
    if states <= ENDED_IMAGES:
        return SpelledState.COMPLETED if ImageState.DONE in states else SpelledState.FAILED
    return SpelledState.PROCESSING if any(image.started for image in images) else SpelledState.PENDING


def serial_number(text: str) -> int | float | str:
    """A number where the text is one; ingest lets only whole ones in."""
    if _WHOLE.fullmatch(text):
        return int(text)
    if not _DECIMAL.fullmatch(text):
        return text
    number = float(text)
    return int(number) if number.is_integer() else number
