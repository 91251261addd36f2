"""What is said, with advice, of a file whose header was not found or cannot be read (pure)."""

import re
from collections.abc import Sequence

from services.ingest.csv_file.header.column_names import NeededColumn, holds_pages, nearest_column
from services.ingest.csv_file.header.columns import MissingColumns
from services.ingest.csv_file.header.first_row import WHOLE, names_above
from services.ingest.csv_file.image_urls.cell import begins_address
from services.ingest.csv_file.verdicts import CellError, ErrorCode, shown_value

_NO_ADDRESSES = (
    "No web address stands in the first rows: an export may leave the images out, as Square's does. "
)
_FIRST_ROW = f"'{','.join(WHOLE)}'"
_SEPARATED = re.compile(r"\w\W*(?:[,;|\t^~\x1c-\x1f]|\s{2})\W*\w")


def only_blank_rows() -> CellError:
    return CellError(
        code=ErrorCode.EMPTY_FILE,
        problem="The file holds blank rows only.",
        advice=f"Save the sheet that holds your products: {_FIRST_ROW} in its first row, "
        "then one product a row.",
    )


def on_its_side(row: int) -> CellError:
    return CellError(
        row=row,
        code=ErrorCode.MISSING_COLUMN,
        problem="The table lies on its side: its first column names what belongs into the first row",
        advice="Turn it: copy it, paste it with Paste Special > Transpose, and upload that sheet.",
    )


def other_quotes(column: str, row: int) -> CellError:
    return CellError(
        row=row,
        value=shown_value(column),
        code=ErrorCode.STRAY_QUOTE,
        problem=f"The cells stand in quotation marks of another kind: {shown_value(column)[:60]}",
        advice='Write " around them, or no quotation marks.',
    )


def nul_in_header(row: int) -> CellError:
    return CellError(
        row=row,
        code=ErrorCode.NUL_CHARACTER,
        problem="the header holds a NUL character",
        advice="Type the names of the columns again, and save the file as CSV UTF-8.",
    )


def missing_columns(found: MissingColumns, row: int) -> Sequence[CellError]:
    if found.not_there:
        return [_not_there(name, found, row) for name in found.not_there]
    if any(map(begins_address, found.columns)):
        return [_no_names(found, row)]
    if len(found.columns) == 1 and _SEPARATED.search(found.columns[0]):
        return [_in_one_column(found.columns[0], row)]
    return [_missing_column(needed, found, row) for needed in _to_be_added(found)]


def _to_be_added(found: MissingColumns) -> Sequence[NeededColumn]:
    """Not the serial numbers, which are made where there are none, unless a column is nearly named so."""
    number = NeededColumn.SERIAL_NUMBER
    is_misspelt = nearest_column(number, found.columns) is not None
    others = [needed for needed in found.missing if needed is not number]
    return found.missing if is_misspelt or not others else others


def _in_one_column(column: str, row: int) -> CellError:
    return CellError(
        row=row,
        value=shown_value(column),
        code=ErrorCode.MISSING_COLUMN,
        problem=f"All columns were read as one: '{shown_value(column)[:60]}'",
        advice="Separate the columns by commas, semicolons or tabs, and put quotation marks around a cell"
        " that holds one of these, never around a whole row.",
    )


def _no_names(found: MissingColumns, row: int) -> CellError:
    names = found.delimiter.join(names_above(found.columns))
    return CellError(
        row=row,
        code=ErrorCode.MISSING_COLUMN,
        problem="The first row names no columns, it holds a product",
        advice=f"Put '{names}' above it, as a row of its own.",
    )


def _missing_column(needed: NeededColumn, found: MissingColumns, row: int) -> CellError:
    pages = next(filter(holds_pages, found.columns), None) if needed is NeededColumn.IMAGE_URLS else None
    instead = "" if pages is None else f": '{shown_value(pages.strip())}' holds the addresses of pages"
    return CellError(
        row=row,
        column=needed,
        code=ErrorCode.MISSING_COLUMN,
        problem=f"The column '{needed}' is missing{instead}",
        advice=_column_hint(needed, found, row),
    )


def _not_there(name: str, found: MissingColumns, row: int) -> CellError:
    return CellError(
        row=row,
        column=shown_value(name),
        code=ErrorCode.MISSING_COLUMN,
        problem=f"The column '{shown_value(name)}', which the field 'columns' names, is missing",
        advice=f"Name a column of the file in the field 'columns'. It has {_names(found)}.",
    )


def _column_hint(needed: NeededColumn, found: MissingColumns, row: int) -> str:
    nearest = nearest_column(needed, found.columns)
    if nearest is not None:
        return f"Rename the column '{shown_value(nearest.strip())[:40]}' to '{needed}'."
    instead = " If one of these is meant, the field 'columns' says so." if found.columns else ""
    header = (
        "The first row must name the columns; it names" if row == 1 else "This row was read as the header:"
    )
    lacks_addresses = needed is NeededColumn.IMAGE_URLS and not found.has_addresses
    why = _NO_ADDRESSES if lacks_addresses else ""
    return f"{why}Add a column with this name. {header} {_names(found)}.{instead}"


def _names(found: MissingColumns) -> str:
    return ", ".join(f"'{shown_value(column.strip())[:40]}'" for column in found.columns[:10]) or "nothing"
