"""How a CSV that cannot be accepted is refused: as a problem, or as the customer's own file with marks."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, BinaryIO

from fastapi.responses import Response, StreamingResponse

from services.ingest.csv_file.limits import CsvTooLarge
from services.ingest.csv_file.marked import list_errors
from services.ingest.csv_file.reader import JudgedCsv
from services.ingest.csv_file.verdicts import CellError, UnreadableCsv
from services.ingest.form.refusals import too_large
from shared.contract.csv_files import attachment
from shared.web.problems import Problem

PIECE_BYTES = 64 * 1024


def invalid_rows(csv: JudgedCsv) -> Problem:
    rows = "row is" if csv.bad_rows == 1 else "rows are"
    return _invalid_csv(csv.errors, csv.errors_total, f"{csv.bad_rows:,} {rows} invalid.")


def unreadable(verdict: UnreadableCsv, filename: str, *, as_csv: bool) -> Problem:
    if as_csv:
        return MarkedCsv(list_errors(verdict.errors), filename)
    return _invalid_csv(verdict.errors, len(verdict.errors), "The file cannot be read as a CSV of products.")


def beyond_limit(verdict: CsvTooLarge) -> Problem:
    return too_large(verdict.limit, verdict.maximum, verdict.unit, verdict.row)


class MarkedCsv(Problem):
    """Answers with the customer's own file, in which the invalid rows are marked."""

    def __init__(self, file: BinaryIO, filename: str) -> None:
        super().__init__(400, "invalid-csv", "Invalid CSV", "Rows are invalid.")
        self._file = file
        self._filename = filename

    def response(self, x_request_id: str | None = None) -> Response:  # noqa: ARG002 - the header says it
        return marked(self._file, self._filename, self.status)


def marked(file: BinaryIO, filename: str, status: int) -> Response:
    """Streams a file of `mark_rows` and closes it."""
    headers = {"Content-Disposition": attachment(f"errors-{filename}"), "Vary": "Accept"}
    return StreamingResponse(_pieces(file), status, headers, media_type="text/csv; charset=utf-8")


def error_list(errors: Sequence[CellError]) -> list[dict[str, Any]]:
    return [_error(error) for error in errors]


def _invalid_csv(errors: Sequence[CellError], total: int, detail: str) -> Problem:
    sentence = errors[0].sentence().removesuffix(".")
    more = f" (and {total - 1:,} more)" if total > 1 else ""
    return Problem(
        400,
        "invalid-csv",
        "Invalid CSV",
        f"{sentence}{more}.",
        detail=detail,
        extensions={"errors": error_list(errors), "errors_total": total},
    )


def _error(error: CellError) -> dict[str, Any]:
    return {
        "row": error.row,
        "column": error.column,
        "value": error.value,
        "code": error.code,
        "hint": error.hint,
    }


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with closing(file):
        while piece := file.read(PIECE_BYTES):
            yield piece
