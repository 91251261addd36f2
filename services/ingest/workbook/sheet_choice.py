"""Chooses the sheet that holds the products: the first whose first rows name the needed columns."""

import contextlib
import csv
import dataclasses
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.ingest.csv_file.image_urls.cell import is_image_address
from services.ingest.csv_file.limits import CsvTooLarge
from services.ingest.csv_file.verdicts import UnreadableCsv
from services.ingest.workbook.limits import WorkbookLimits
from services.ingest.workbook.lines import Lines
from services.ingest.workbook.refusals import without_sheet
from services.ingest.workbook.rows import (
    HeaderPlace,
    Sheet,
    SheetCell,
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
    lines: Lines | None = None  # each row stands in one cell, as a line of a CSV


class _HeadRow(NamedTuple):
    number: int
    cells: list[SheetCell]


class _Found(NamedTuple):
    header: HeaderPlace | None
    lines: Lines | None = None


def choose_sheet(workbook: Workbook, find_header: FindHeader, limits: WorkbookLimits) -> ChosenSheet:
    """One that people see goes before a hidden one. Where none fits, it is the first that holds anything."""
    filled: list[Sheet] = []
    hidden: ChosenSheet | None = None
    for sheet, rows in workbook.sheets():
        head = _head(rows, limits)
        if not head:
            continue
        header, lines = _search(head, find_header, workbook, sheet, limits)
        if header is not None:
            chosen = ChosenSheet(sheet=sheet, header=header, passed_over=len(filled), lines=lines)
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


def further_sheets(
    workbook: Workbook, chosen: ChosenSheet, find_header: FindHeader, limits: WorkbookLimits
) -> Sequence[Sheet]:
    """Those behind it that name the needed columns, too; none are told of what cannot be read."""
    found: list[Sheet] = []
    if chosen.header is None:
        return found
    with contextlib.suppress(UnreadableCsv, CsvTooLarge):
        for sheet, rows in workbook.sheets_behind(chosen.sheet):
            head = [] if sheet.is_hidden else _head(rows, limits)
            if head and _placed(head, find_header, _line) is not None:
                found.append(sheet)
    return found


def _search(
    head: Sequence[_HeadRow],
    find_header: FindHeader,
    workbook: Workbook,
    sheet: Sheet,
    limits: WorkbookLimits,
) -> _Found:
    """As lines of a CSV, as cells, and at last by the addresses behind the cells."""
    if not any(row.cells[0].column for row in head):
        header = _placed(head, find_header, _first_text)
        if header is not None and header.columns > 1 and _is_one_cell(head, header.row):
            return _Found(header, Lines(header.delimiter))
    header = _placed(head, find_header, _line)
    if header is None:
        linked = _head(workbook.linked_rows(sheet, head[0].number), limits)
        header = _placed(linked, find_header, _linked_line) if linked else None
    return _Found(header)


def _head(rows: Iterator[SheetRow], limits: WorkbookLimits) -> list[_HeadRow]:
    """The first rows that hold anything."""
    head: list[_HeadRow] = []
    characters = 0
    for row in rows:
        cells = filled_cells(row, limits)
        if not cells:
            continue
        head.append(_HeadRow(row.number, cells))
        characters += sum(len(cell.text) for cell in cells)
        if len(head) >= HEAD_ROWS or characters > HEAD_CHARACTERS:
            break
    return head


def _placed(
    head: Sequence[_HeadRow], find_header: FindHeader, line_of: Callable[[Sequence[SheetCell]], str]
) -> HeaderPlace | None:
    """The header in its row of the sheet. Blank rows are shown as blank lines."""
    first_row = next_row = head[0].number
    shown: list[str] = []
    for number, cells in head:
        shown += ["\r\n"] * min(number - next_row, HEAD_ROWS)
        shown.append(line_of(cells))
        next_row = number + 1
    header = find_header(shown)
    return None if header is None else dataclasses.replace(header, row=first_row + header.row - 1)


def _is_one_cell(head: Sequence[_HeadRow], row: int) -> bool:
    return any(row == number and len(cells) == 1 for number, cells in head)


def _first_text(cells: Sequence[SheetCell]) -> str:
    return f"{on_one_line(cells[0].text)}\r\n"


def _line(cells: Sequence[SheetCell]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line).writerow([on_one_line(text) for text in texts_of(cells)])
    return line.getvalue()


def _linked_line(cells: Sequence[SheetCell]) -> str:
    return _line([_linked(cell) for cell in cells])


def _linked(cell: SheetCell) -> SheetCell:
    return cell._replace(text=cell.address) if is_image_address(cell.address) else cell
