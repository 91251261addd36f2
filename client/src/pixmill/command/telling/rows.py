"""What is wrong with the rows of a file, as a table with each offending cell."""

import json

from pixmill.command.telling.output import Output
from pixmill.command.telling.text import many
from pixmill.errors import InvalidRequestError

_MOST_SHOWN = 20
_LONGEST_VALUE = 40
_OF_THE_HEADER = "missing_column"
_MEANT = {  # how --columns names a column that is needed, and an example of what a file may call it
    "S. No.": ("serial_number", "No"),
    "Product Name": ("product_name", "Title"),
    "Input Image Urls": ("image_urls", ["Picture"]),
}


def tell_rows(out: Output, error: InvalidRequestError) -> None:
    """The first of them; the marked file has all."""
    rows = [
        [each.cell or str(each.row or ""), each.column or "", _short(each.value), each.code, each.hint]
        for each in error.errors[:_MOST_SHOWN]
    ]
    out.table(["row", "column", "value", "what", "what to do"], rows)
    more = error.errors_total - len(rows)
    if rows and more > 0:
        out.result(f"… and {many(more, 'error')} more")


def can_be_marked(error: InvalidRequestError) -> bool:
    """Whether a row is wrong; the file as a whole, its header or an option has no row to be marked."""
    return any(each.row is not None and each.code != _OF_THE_HEADER for each in error.errors)


def which_columns(error: InvalidRequestError) -> str:
    """How to say which column is the one that is missing; "" where none is."""
    missing = [each.column for each in error.errors if each.code == _OF_THE_HEADER]
    meant = dict(_MEANT[name] for name in missing if name in _MEANT)
    if not meant:
        return ""
    return f"Where the file has it by another name, say so, as in: --columns '{json.dumps(meant)}'"


def _short(value: str | None) -> str:
    if value is None:
        return ""
    shown = value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"
    return f"'{shown}'"
