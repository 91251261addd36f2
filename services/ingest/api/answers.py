"""The answers of the three families of paths, and the problems of a CSV that cannot be taken."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import Any, BinaryIO

from fastapi.responses import JSONResponse, Response, StreamingResponse

from services.ingest.acceptance.accepted_upload import AcceptedUpload
from services.ingest.csv_file.marked import list_errors
from services.ingest.csv_file.reader import JudgedCsv
from services.ingest.csv_file.verdicts import CellError, CsvTooLarge, UnreadableCsv, UploadWarning
from services.ingest.form.refusals import too_large
from services.ingest.form.unknown_fields import unknown_field_warnings
from shared.contract.csv_files import attachment
from shared.contract.events import CsvAccepted
from shared.web.problems import Problem

Render = Callable[[AcceptedUpload, str], JSONResponse]

PIECE_BYTES = 64 * 1024
FIRST_LOOK_SECONDS = 1  # after which a look at the status is worth while


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


def valid(csv: JudgedCsv, unknown_fields: Sequence[str] = ()) -> JSONResponse:
    """POST /v1/validate"""
    warnings = (*unknown_field_warnings(unknown_fields), *csv.warnings_if_skipped())
    body = {
        "valid": True,
        "counts": _counts(csv.products, csv.images, csv.bad_rows),
        "dialect": {
            "delimiter": csv.delimiter,
            "encoding": csv.encoding,
            "columns": list(csv.columns),
        },
        "warnings": _warnings(warnings),
        "errors": [_error(error) for error in csv.errors],
        "errors_total": csv.errors_total,
    }
    return JSONResponse(body)


def invalid_rows(csv: JudgedCsv) -> Problem:
    rows = "row is" if csv.bad_rows == 1 else "rows are"
    return _invalid_csv(csv.errors, csv.errors_total, f"{csv.bad_rows:,} {rows} invalid.")


class MarkedCsv(Problem):
    """Invalid rows, told by the customer's own file."""

    def __init__(self, file: BinaryIO, filename: str) -> None:
        super().__init__(400, "invalid-csv", "Invalid CSV", "Rows are invalid.")
        self._file = file
        self._filename = filename

    def response(self, x_request_id: str | None = None) -> Response:  # noqa: ARG002 - its header says it
        return marked(self._file, self._filename, self.status)


def marked(file: BinaryIO, filename: str, status: int) -> Response:
    """Streams the file of marked_csv.py and closes it."""
    headers = {"Content-Disposition": attachment(f"errors-{filename}"), "Vary": "Accept"}
    return StreamingResponse(_pieces(file), status, headers, media_type="text/csv; charset=utf-8")


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with closing(file):
        while piece := file.read(PIECE_BYTES):
            yield piece


def unreadable(verdict: UnreadableCsv, filename: str, *, as_csv: bool) -> Problem:
    if as_csv:
        return MarkedCsv(list_errors(verdict.errors), filename)
    return _invalid_csv(verdict.errors, len(verdict.errors), "The file cannot be read as a CSV of products.")


def beyond_limit(verdict: CsvTooLarge) -> Problem:
    return too_large(verdict.limit, verdict.maximum, verdict.unit, verdict.row)


def _invalid_csv(errors: Sequence[CellError], total: int, detail: str) -> Problem:
    sentence = errors[0].sentence().removesuffix(".")
    more = f" (and {total - 1:,} more)" if total > 1 else ""
    extensions = {"errors": [_error(error) for error in errors], "errors_total": total}
    return Problem(400, "invalid-csv", "Invalid CSV", f"{sentence}{more}.", detail, extensions)


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
    return [{"code": warned.code, "message": warned.message} for warned in warnings]


def _error(error: CellError) -> dict[str, Any]:
    return {
        "row": error.row,
        "column": error.column,
        "value": error.value,
        "code": error.code,
        "hint": error.hint,
    }
