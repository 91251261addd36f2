"""Chooses the sheet that holds the products: the first whose first rows name the needed columns."""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from services.ingest.workbook.limits import WorkbookLimits
from services.ingest.workbook.refusals import without_sheet
from services.ingest.workbook.rows import Sheet, SheetRow, Workbook, filled_cells, texts_of

HEAD_ROWS, HEAD_CHARACTERS = 25, 1_000_000

FindImages = Callable[[Sequence[str]], Sequence[int] | None]
"""The columns of images in a sheet that begins with these lines of CSV; None where they hold no header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenSheet:
    sheet: Sheet
    image_columns: Sequence[int]
    passed_over: int  # sheets before it that hold something


def choose_sheet(workbook: Workbook, find_images: FindImages, limits: WorkbookLimits) -> ChosenSheet:
    """One that people see goes before a hidden one. Where none fits, it is the first that holds anything."""
    filled: list[Sheet] = []
    hidden: ChosenSheet | None = None
    for sheet, rows in workbook.sheets():
        head = list(_head(rows, limits))
        if not head:
            continue
        images = find_images(head)
        if images is not None:
            chosen = ChosenSheet(sheet=sheet, image_columns=images, passed_over=len(filled))
            if not sheet.is_hidden:
                return chosen
            hidden = hidden or chosen
        filled.append(sheet)
    if hidden is not None:
        return hidden
    if not filled:
        raise without_sheet()
    first = next((sheet for sheet in filled if not sheet.is_hidden), filled[0])
    return ChosenSheet(sheet=first, image_columns=(), passed_over=0)


def _head(rows: Iterator[SheetRow], limits: WorkbookLimits) -> Iterator[str]:
    characters = found = last_row = 0
    for row in rows:
        cells = filled_cells(row, limits)
        if not cells:
            continue
        if found:
            yield from ["\r\n"] * min(row.number - last_row - 1, HEAD_ROWS)
        line = io.StringIO(newline="")
        csv.writer(line).writerow(texts_of(cells))
        line.seek(0)
        yield from line
        last_row = row.number
        found += 1
        characters += line.tell()
        if found >= HEAD_ROWS or characters > HEAD_CHARACTERS:
            return
