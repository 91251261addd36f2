"""How the endpoints refuse, each refusal made in one place for the answer and for the OpenAPI document."""

from services.status.rendering.workbook.sheet import BeyondSheet
from shared.web.problems import Problem, invalid_request

RETRY_AFTER_SECONDS = 1


def output_not_found() -> Problem:
    return Problem(404, "not-found", "Not Found", "Output CSV not found")


def beyond_workbook(verdict: BeyondSheet) -> Problem:
    where = "" if verdict.row is None else f" (row {verdict.row})"
    most = f"Excel's limit on {verdict.limit} is {verdict.maximum:,} {verdict.unit}{where}"
    limit = {"limit": verdict.limit, "maximum": verdict.maximum}
    return Problem(
        422,
        "beyond-workbook",
        "Unprocessable Content",
        f"{most}; take the CSV, which holds all of it.",
        extensions=limit | ({} if verdict.row is None else {"row": verdict.row}),
    )


def images_not_found() -> Problem:
    return Problem(404, "not-found", "Not Found", "Images not found")


def file_not_found() -> Problem:
    return Problem(404, "not-found", "Not Found", "File not found")


def unknown_cursor() -> Problem:
    return invalid_request("The cursor is not one that this API gave.")


def conflict(error: str, headers: dict[str, str] | None = None) -> Problem:
    return Problem(409, "conflict", "Conflict", error, headers=headers or {})


def not_recorded_yet() -> Problem:
    error = "The request was accepted a moment ago and is not recorded yet."
    return conflict(error, {"Retry-After": str(RETRY_AFTER_SECONDS)})


def range_behind_end(size: int) -> Problem:
    return Problem(
        416,
        "range-not-satisfiable",
        "Range Not Satisfiable",
        f"The file has {size} bytes; the range lies behind its end.",
        headers={"Content-Range": f"bytes */{size}"},
    )
