"""The problems of a form that cannot be accepted. Those of a CSV stand in api/csv_refusals.py."""

from services.ingest.csv_file.verdicts import shown_value
from shared.observing.logs import Action, log
from shared.web.problems import Problem, unavailable

NO_ROOM_RETRY_SECONDS = 30

_BY_ITSELF = "leave this header out, so that your HTTP client writes it together with the form"


def invalid_form(error: str, field_name: str | None = None) -> Problem:
    extensions = {} if field_name is None else {"field": field_name}
    return Problem(400, "invalid-form", "Invalid Form", error, extensions=extensions)


def name_alone(content: bytes) -> Problem:
    name = shown_value(content.decode("utf-8", "replace").strip())
    error = f"In curl write file=@{name}: the form holds only the name of the file, not what is in it."
    return invalid_form(error, "file")


def no_boundary() -> Problem:
    return invalid_form(f"The Content-Type of the form names no boundary: {_BY_ITSELF}.")


def other_boundary() -> Problem:
    return invalid_form(
        "The form does not begin with the boundary that its Content-Type names, on a line of its own that"
        f" ends in CR and LF: {_BY_ITSELF}."
    )


def encoded_part(encoding: bytes) -> Problem:
    name = shown_value(encoding.decode("utf-8", "replace").strip())[:40]
    return invalid_form(
        f"Send each part of the form as it is: '{name}' (Content-Transfer-Encoding) is not taken."
    )


def not_a_form() -> Problem:
    return Problem(
        415,
        "not-a-form",
        "Unsupported Media Type",
        "Send the CSV as multipart/form-data, in a field named 'file', as `curl -F file=@products.csv` does.",
        headers={"Accept-Post": "multipart/form-data"},
    )


def encoded_form() -> Problem:
    error = "Send the form as it is: a compressed body is not taken."
    return Problem(
        415, "not-a-form", "Unsupported Media Type", error, headers={"Accept-Encoding": "identity"}
    )


def too_large(limit: str, maximum: int, unit: str, row: int | None = None) -> Problem:
    where = "" if row is None else f" (row {row})"
    return Problem(
        413,
        "too-large",
        "Content Too Large",
        f"The limit on {limit} is {maximum:,} {unit}{where}.",
        extensions={"limit": limit, "maximum": maximum} | ({} if row is None else {"row": row}),
    )


def too_slow() -> Problem:
    headers = {"Connection": "close"}
    return Problem(408, "too-slow", "Request Timeout", "The upload was too slow.", headers=headers)


def no_room(error: OSError) -> Problem:
    """The disk that holds uploads while they are read is full or broken: the caller may come again."""
    log.error(Action.DEPENDENCY_AWAY, dependency="temporary folder", reason=str(error))
    return disk_full()


def disk_full() -> Problem:
    return unavailable("There is no room for uploads at the moment.", NO_ROOM_RETRY_SECONDS)
