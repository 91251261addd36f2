"""What the three families of paths answer when an upload is accepted, and what a dry run answers."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from fastapi.responses import JSONResponse

from services.ingest.acceptance.accepted_upload import AcceptedUpload
from services.ingest.api.cell_places import CellPlaces
from services.ingest.api.csv_refusals import error_list
from services.ingest.csv_file.encodings.names import public_name
from services.ingest.csv_file.header.column_names import NeededColumn
from services.ingest.csv_file.header.columns import Header
from services.ingest.csv_file.reader import JudgedCsv
from services.ingest.csv_file.verdicts import UploadWarning
from services.ingest.form.options import DEFAULTS, Options
from services.ingest.form.unknown_fields import unknown_field_warnings
from shared.contract.events import CsvAccepted

Render = Callable[[AcceptedUpload, str], JSONResponse]

FIRST_LOOK_SECONDS = 1  # a first look at the status is worth while then


def created(upload: AcceptedUpload, public_url: str) -> JSONResponse:
    """POST /v1/requests"""
    location = f"{public_url}/v1/requests/{upload.event.request_id}"
    headers = {"Location": location, "Retry-After": str(FIRST_LOOK_SECONDS)}
    return JSONResponse(_snake(upload, public_url), 202, headers)


def uploaded(upload: AcceptedUpload, public_url: str) -> JSONResponse:
    """POST /upload"""
    return JSONResponse(_snake(upload, public_url), 200)


def api_uploaded(upload: AcceptedUpload, public_url: str) -> JSONResponse:
    """POST /api/upload"""
    event = upload.event
    body = {
        "requestId": str(event.request_id),
        "status": "pending",
        "message": _message(event),
        "counts": _counts(event.products, event.images, event.skipped_rows),
        "statusUrl": f"{public_url}/api/status/{event.request_id}",
    }
    return JSONResponse(body, 202)


def judged(csv: JudgedCsv, options: Options = DEFAULTS, unknown_fields: Sequence[str] = ()) -> JSONResponse:
    """POST /v1/validate"""
    warnings = (
        *unknown_field_warnings(unknown_fields),
        *options.warnings(),
        *csv.warnings_if_skipped(),
    )
    body = {
        "valid": True,
        "counts": _counts(csv.products, csv.images, csv.bad_rows),
        "dialect": {
            "delimiter": csv.header.delimiter,
            "encoding": csv.encoding.name,
            "encoding_found": _encoding_found(csv),
            "columns": list(csv.header.columns),
            "sheet": csv.sheet,
        },
        "mapping": _mapping(csv.header),
        "first_rows": [asdict(row) for row in csv.first_rows],
        "warnings": _warnings(warnings),
        "errors": error_list(csv.errors, CellPlaces(csv.sheet, csv.is_of_lines)),
        "errors_total": csv.errors_total,
    }
    return JSONResponse(body)


def _mapping(header: Header) -> dict[str, Any]:
    """The columns that were taken, as the form's field `columns` would name them."""
    taken = header.taken()
    return {
        "serial_number": next(iter(taken[NeededColumn.SERIAL_NUMBER]), None),
        "product_name": next(iter(taken[NeededColumn.PRODUCT_NAME]), None),
        "image_urls": taken[NeededColumn.IMAGE_URLS],
    }


def _encoding_found(csv: JudgedCsv) -> dict[str, Any]:
    """Why this encoding, how sure, and a few cells by which a person sees it."""
    otherwise = csv.encoding.otherwise
    return {
        "by": csv.encoding.by,
        "language": csv.encoding.language,
        "sure": csv.encoding.is_sure,
        "otherwise": None if otherwise is None else public_name(otherwise),
        "samples": [asdict(sample) for sample in csv.samples],
    }


def _snake(upload: AcceptedUpload, public_url: str) -> dict[str, Any]:
    event = upload.event
    status_url = f"{public_url}/v1/requests/{event.request_id}"
    return {
        "request_id": str(event.request_id),
        "status": "processing",
        "message": _message(event),
        "state": "pending",
        "counts": _counts(event.products, event.images, event.skipped_rows),
        "warnings": _warnings(upload.warnings),
        "status_url": status_url,
        "events_url": f"{status_url}/events",
    }


def _message(event: CsvAccepted) -> str:
    accepted = f"Accepted {_number(event.products, 'product')}, {_number(event.images, 'image')}."
    return f"{accepted} Skipped {_number(event.skipped_rows, 'row')}." if event.skipped_rows else accepted


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _counts(products: int, images: int, skipped_rows: int) -> dict[str, int]:
    return {"products": products, "images": images, "skipped_rows": skipped_rows}


def _warnings(warnings: Sequence[UploadWarning]) -> list[dict[str, str]]:
    return [{"code": warning.code, "message": warning.message} for warning in warnings]
