"""How a CSV that cannot be accepted is refused: as a problem, or as the customer's own file with marks."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import Any, BinaryIO

from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from services.ingest.api.cell_places import IN_A_CSV, CellPlaces
from services.ingest.csv_file.limits import CsvTooLarge
from services.ingest.csv_file.reader import JudgedCsv
from services.ingest.csv_file.verdicts import (
    CellError,
    ErrorCode,
    UnreadableCsv,
    UploadWarning,
    WarningCode,
)
from services.ingest.form.refusals import too_large
from shared.contract.csv_files import attachment
from shared.web.problems import Problem

PIECE_BYTES = 64 * 1024


def invalid_rows(csv: JudgedCsv) -> Problem:
    rows = "row is" if csv.bad_rows == 1 else "rows are"
    places = CellPlaces(csv.sheet, csv.is_of_lines)
    detail = " ".join([f"{csv.bad_rows:,} {rows} invalid.", *_causes(csv.warnings)])
    return _invalid_csv(csv.errors, csv.errors_total, detail, places)


def unreadable(
    verdict: UnreadableCsv, places: CellPlaces = IN_A_CSV, noticed: Sequence[UploadWarning] = ()
) -> Problem:
    """`noticed` is what a workbook was like."""
    detail = " ".join(["The file cannot be read as a CSV of products.", *_causes(noticed)])
    errors = with_causes(verdict.errors, noticed)
    refusal = _invalid_csv(errors, len(errors), detail, places)
    if not verdict.columns:
        return refusal
    return replace(refusal, extensions={**refusal.extensions, "columns": verdict.columns})


def beyond_limit(verdict: CsvTooLarge) -> Problem:
    return too_large(verdict.limit, verdict.maximum, verdict.unit, verdict.row)


class MarkedCsv(Problem):
    """Answers with the customer's own file, in which the invalid rows are marked."""

    def __init__(self, file: BinaryIO, filename: str, held: ExitStack) -> None:
        super().__init__(400, "invalid-csv", "Invalid CSV", "Rows are invalid.")
        self._file = file
        self._filename = filename
        self._held = held

    def response(self, x_request_id: str | None = None) -> Response:  # noqa: ARG002 - the header says it
        return MarkedAnswer(self._file, self._filename, self.status, self._held)


class MarkedAnswer(StreamingResponse):
    """Streams a file of `mark_rows`. Until its reader has it or is gone, the upload holds what it held."""

    def __init__(self, file: BinaryIO, filename: str, status: int, held: ExitStack) -> None:
        headers = {"Content-Disposition": attachment(f"errors-{filename}"), "Vary": "Accept"}
        super().__init__(_pieces(file), status, headers, media_type="text/csv; charset=utf-8")
        self._file = file
        self._held = held

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._held, closing(self._file):
            await super().__call__(scope, receive, send)


def with_causes(errors: Sequence[CellError], noticed: Sequence[UploadWarning]) -> Sequence[CellError]:
    """Addresses that are missing may be formulas that nobody has worked out; or these stand elsewhere."""
    cause = " ".join(_causes(noticed))
    if not cause:
        return errors
    return [_with_cause(error, cause) if error.code is ErrorCode.MISSING_URL else error for error in errors]


def _with_cause(error: CellError, cause: str) -> CellError:
    otherwise = f"{error.hint[0].lower()}{error.hint[1:]}"
    return error._replace(advice=f"{cause} If no address is there then, {otherwise}")


def _causes(warnings: Sequence[UploadWarning]) -> list[str]:
    return [each.message for each in warnings if each.code == WarningCode.FORMULA_WITHOUT_VALUE]


def error_list(errors: Sequence[CellError], places: CellPlaces) -> list[dict[str, Any]]:
    return [_error(error, places) for error in errors]


def _invalid_csv(errors: Sequence[CellError], total: int, detail: str, places: CellPlaces) -> Problem:
    sentence = places.sentence(errors[0]).removesuffix(".")
    more = f" (and {total - 1:,} more)" if total > 1 else ""
    return Problem(
        400,
        "invalid-csv",
        "Invalid CSV",
        f"{sentence}{more}.",
        detail=detail,
        extensions={"errors": error_list(errors, places), "errors_total": total},
    )


def _error(error: CellError, places: CellPlaces) -> dict[str, Any]:
    place = places.of(error)
    return {
        "row": error.row,
        "column": error.column,
        "value": error.value,
        "code": error.code,
        "hint": error.hint,
    } | ({} if place is None else {"cell": place})


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE_BYTES):
        yield piece
