"""One cell as a table of OpenDocument holds it, and its text as people see it (pure)."""

from typing import NamedTuple

from services.ingest.workbook.numbers import iso_text, number_text
from services.ingest.workbook.ods import names


class RawCell(NamedTuple):
    column: int
    repeated: int
    kind: str  # as the file says: float, percentage, currency, date, time, boolean, string, or nothing
    value: str
    shown: str
    formula: str
    addresses: tuple[str, ...]
    merged_rows: int = 1


VALUES = {
    "float": names.VALUE,
    "percentage": names.VALUE,
    "currency": names.VALUE,
    "date": names.DATE_VALUE,
    "time": names.TIME_VALUE,
    "boolean": names.BOOLEAN_VALUE,
    "string": names.STRING_VALUE,
}


def cell_text(cell: RawCell) -> str:
    match cell.kind:
        case "float" | "percentage" | "currency":
            return _number(cell)
        case "date":
            return iso_text(cell.value)
        case "time":
            return cell.shown or cell.value
        case "boolean":
            return "TRUE" if cell.value == "true" else "FALSE"
        case _:
            return cell.value or cell.shown


def _number(cell: RawCell) -> str:
    text = number_text(cell.value)
    has_zeros = cell.shown.isdigit() and cell.shown.isascii() and cell.shown.lstrip("0") == text.lstrip("0")
    return cell.shown if has_zeros else text
