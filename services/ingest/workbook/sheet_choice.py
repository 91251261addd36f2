"""Chooses the sheet that holds the products: the first whose first rows name the needed columns."""

import csv
import dataclasses
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.ingest.workbook.limits import WorkbookLimits
from services.ingest.workbook.refusals import without_sheet
from services.ingest.workbook.rows import (
    HeaderPlace,
    Sheet,
    SheetRow,
    Workbook,
    filled_cells,
    on_one_line,
    texts_of,
)

HEAD_ROWS, HEAD_CHARACTERS = 25, 1_000_000


FindHeader = Callable[[Sequence[str]], HeaderPlace | None]
"""Finds the header in the first lines of a sheet, which are shown as CSV."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSheet:
    sheet: Sheet
    header: HeaderPlace | None  # None: no sheet has one
    passed_over: int  # sheets before it that hold something


def choose_sheet(workbook: Workbook, find_header: FindHeader, limits: WorkbookLimits) -> ChosenSheet:
    """One that people see goes before a hidden one. Where none fits, it is the first that holds anything."""
    filled: list[Sheet] = []
    hidden: ChosenSheet | None = None
    for sheet, rows in workbook.sheets():
        first_row, head = _head(rows, limits)
        if not head:
            continue
        header = find_header(head)
        if header is not None:
            header = dataclasses.replace(header, row=first_row + header.row - 1)
            chosen = ChosenSheet(sheet=sheet, header=header, passed_over=len(filled))
            if not sheet.is_hidden:
                return chosen
            hidden = hidden or chosen
        filled.append(sheet)
    if hidden is not None:
        return hidden
    if not filled:
        raise without_sheet()
    first = next((sheet for sheet in filled if not sheet.is_hidden), filled[0])
    return ChosenSheet(sheet=first, header=None, passed_over=0)


def _head(rows: Iterator[SheetRow], limits: WorkbookLimits) -> tuple[int, list[str]]:
    """The number of the first row that holds anything, and from there on so many lines of CSV."""
    lines: list[str] = []
    characters = found = first_row = next_row = 0
    for row in rows:
        cells = filled_cells(row, limits)
        if not cells:
            continue
        if not found:
            first_row = next_row = row.number
        lines += ["\r\n"] * min(row.number - next_row, HEAD_ROWS)
        lines.append(_line([on_one_line(text) for text in texts_of(cells)]))
        next_row = row.number + 1
        found += 1
        characters += sum(len(cell.text) for cell in cells)
        if found >= HEAD_ROWS or characters > HEAD_CHARACTERS:
            break
    return first_row, lines


def _line(texts: Sequence[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow(texts)
    return line.getvalue()
