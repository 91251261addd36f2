"""Says what was assumed or noticed while a workbook was read (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.ingest.csv_file.verdicts import UploadWarning, WarningCode, shown_value
from services.ingest.workbook.addresses import cell_address
from services.ingest.workbook.rows import Sheet, SheetCell, SheetRow
from services.ingest.workbook.sheet_choice import ChosenSheet


@dataclass(slots=True)
class Noticed:
    hidden_rows: int = 0
    first_hidden_row: int | None = None
    links: int = 0
    first_link: tuple[int, int] | None = None  # row and column
    merged_rows: int = 0
    first_merged: tuple[int, int] | None = None
    left_out: int = 0
    first_left_out: tuple[int, int] | None = None
    formulas: int = 0
    first_formula: tuple[int, int] | None = None

    def see_hidden_row(self, row: int) -> None:
        self.hidden_rows += 1
        self.first_hidden_row = self.first_hidden_row or row

    def see_link(self, row: int, cell: SheetCell) -> None:
        self.links += 1
        self.first_link = self.first_link or (row, cell.column)

    def see_merged(self, row: SheetRow, first: SheetCell) -> None:
        self.merged_rows += row.repeated
        self.first_merged = self.first_merged or (row.number, first.column)

    def see_left_out(self, row: int, cell: SheetCell) -> None:
        self.left_out += 1
        self.first_left_out = self.first_left_out or (row, cell.column)

    def see_formula(self, row: int, cell: SheetCell) -> None:
        self.formulas += 1
        self.first_formula = self.first_formula or (row, cell.column)


def workbook_warnings(
    chosen: ChosenSheet, further: Sequence[Sheet], noticed: Noticed
) -> Iterator[UploadWarning]:
    """`further` are sheets that name the needed columns, too."""
    name = chosen.sheet.name
    yield from _of_choice(chosen, further)
    if chosen.lines is not None:
        message = "Each row stands in one cell of column A; it was read as a line of a CSV, with its columns."
        yield UploadWarning(WarningCode.ROWS_IN_ONE_CELL, message)
    if noticed.first_hidden_row is not None:
        rows = _counted(noticed.hidden_rows, "row that is hidden was", "rows that are hidden were")
        message = f"{rows} read like all others, first row {noticed.first_hidden_row}."
        yield UploadWarning(WarningCode.HIDDEN_ROWS_READ, message)
    if noticed.first_link is not None:
        cells = _counted(noticed.links, "cell", "cells")
        where = cell_address(name, *noticed.first_link)
        message = f"In {cells} the address behind the text was read, first in {where}."
        yield UploadWarning(WarningCode.LINKS_READ, message)
    if noticed.first_merged is not None:
        rows = _counted(noticed.merged_rows, "row", "rows")
        where = cell_address(name, *noticed.first_merged)
        message = f"Cells are merged, so in {rows} the text of a cell above was read, first in {where}."
        yield UploadWarning(WarningCode.MERGED_CELLS_READ, message)
    if noticed.first_left_out is not None:
        aside = "beside the named columns"
        cells = _counted(noticed.left_out, f"cell {aside} was", f"cells {aside} were")
        where = cell_address(name, *noticed.first_left_out)
        yield UploadWarning(WarningCode.CELLS_LEFT_OUT, f"{cells} left out, first {where}.")
    if noticed.first_formula is not None:
        cells = _counted(noticed.formulas, "formula", "formulas")
        where = cell_address(name, *noticed.first_formula)
        message = (
            f"The file holds no value for {cells}, first in {where}: read as empty."
            " Open it in your spreadsheet and save it, and upload it again."
        )
        yield UploadWarning(WarningCode.FORMULA_WITHOUT_VALUE, message)


def _of_choice(chosen: ChosenSheet, further: Sequence[Sheet]) -> Iterator[UploadWarning]:
    name = shown_value(chosen.sheet.name)
    if chosen.sheet.is_hidden:
        message = f"The sheet '{name}' was read although it is hidden: no other one names the needed columns."
        yield UploadWarning(WarningCode.SHEET_ASSUMED, message)
    elif chosen.passed_over or further:
        message = f"The sheet '{name}' was read, the first that names the needed columns{_not_read(further)}."
        yield UploadWarning(WarningCode.SHEET_ASSUMED, message)


def _not_read(further: Sequence[Sheet]) -> str:
    if not further:
        return ""
    first = f"'{shown_value(further[0].name)}'"
    if len(further) == 1:
        return f"; {first} names them, too, and was not: upload it as a file of its own"
    more = f"{first} and {len(further) - 1:,} more"
    return f"; {more} name them, too, and were not: upload each as a file of its own"


def _counted(count: int, one: str, many: str) -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {many}"
