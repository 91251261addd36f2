"""Makes of each row the texts that are written to the CSV (pure): a cell's text, or in a column of images the
address that it links to.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from services.ingest.csv_file.image_urls.cell import begins_address
from services.ingest.workbook.limits import WorkbookLimits
from services.ingest.workbook.merged_cells import MergedCells
from services.ingest.workbook.rows import (
    HeaderPlace,
    SheetCell,
    SheetRow,
    filled_cells,
    on_one_line,
    texts_of,
)
from services.ingest.workbook.warnings import Noticed


class TextRow(NamedTuple):
    number: int
    repeated: int
    texts: Sequence[str]


def text_rows(
    rows: Iterator[SheetRow], header: HeaderPlace | None, noticed: Noticed, limits: WorkbookLimits
) -> Iterator[TextRow]:
    """All rows but blank ones."""
    merged = MergedCells(limits)
    for row in rows:
        cells = filled_cells(row, limits)
        if header is not None and row.number > header.row:
            cells = [_linked(row.number, cell, header, noticed) for cell in cells]
            cells = [cell for cell in cells if _belongs(row.number, cell, header, noticed)]
            cells = _with_merged(row, cells, merged, noticed)
        texts = texts_of(cells)
        if header is not None and row.number < header.row:
            texts = [on_one_line(text) for text in texts]
        for cell in cells:
            if cell.lacks_value and not cell.text:
                noticed.see_formula(row.number, cell)
        if any(texts):
            if row.is_hidden:
                noticed.see_hidden_row(row.number)
            yield TextRow(row.number, row.repeated, texts)


def _with_merged(
    row: SheetRow, cells: list[SheetCell], merged: MergedCells, noticed: Noticed
) -> list[SheetCell]:
    more = merged.cells_from_above(row.number, cells)
    if more:
        noticed.see_merged(row, more[0])
    return [*cells, *more]


def _linked(row: int, cell: SheetCell, header: HeaderPlace, noticed: Noticed) -> SheetCell:
    if not cell.address or cell.column not in header.image_columns or begins_address(cell.text):
        return cell
    noticed.see_link(row, cell)
    return cell._replace(text=cell.address)


def _belongs(row: int, cell: SheetCell, header: HeaderPlace, noticed: Noticed) -> bool:
    """Beside the named columns people write notes; but image addresses may run on there."""
    if cell.column < header.columns or not cell.text:
        return True
    if header.columns - 1 in header.image_columns and begins_address(cell.text):
        return True
    noticed.see_left_out(row, cell)
    return False
