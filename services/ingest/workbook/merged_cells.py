"""Cells that go over several rows: their text stands in the first, people see it beside each (pure)."""

from collections.abc import Sequence
from typing import NamedTuple

from services.ingest.workbook.limits import WorkbookLimits
from services.ingest.workbook.rows import SheetCell


class _Merged(NamedTuple):
    cell: SheetCell
    last_row: int


class MergedCells:
    def __init__(self, limits: WorkbookLimits) -> None:
        self._limits = limits
        self._open: dict[int, _Merged] = {}  # by their columns

    def cells_from_above(self, row: int, cells: Sequence[SheetCell]) -> list[SheetCell]:
        """What a row has of cells above it, if it has a text of its own: blank rows stay blank. Rows come in
        order.
        """
        if self._open:
            self._close(row, cells)
        more = self._more(row, cells) if self._open else []
        for cell in cells:
            if cell.merged_rows > 1 and cell.text:
                self._open[cell.column] = _Merged(cell, row + cell.merged_rows - 1)
        return more

    def _close(self, row: int, cells: Sequence[SheetCell]) -> None:
        """What has ended, and what has another text below: what stays open is in each row that is written."""
        for column in [column for column, merged in self._open.items() if merged.last_row < row]:
            del self._open[column]
        for cell in cells:
            if cell.text:
                self._open.pop(cell.column, None)

    def _more(self, row: int, cells: Sequence[SheetCell]) -> list[SheetCell]:
        if not any(cell.text for cell in cells):
            return []
        more = [merged.cell for merged in self._open.values()]
        characters = sum(len(cell.text) for cell in (*cells, *more))
        if characters > self._limits.csv.row_characters:
            raise self._limits.csv.row_too_long(row)
        return more
