"""Which cells of a sheet go over several rows."""

from services.ingest.workbook.cell_names import cells_of
from services.ingest.workbook.limits import MOST_MERGES, WorkbookLimits
from services.ingest.workbook.rows import HeaderPlace
from services.ingest.workbook.unpacking.markup import Attributes


class Merges:
    """Those below a header, in its columns. Raises `CsvTooLarge` for more than may be remembered."""

    def __init__(self, header: HeaderPlace, limits: WorkbookLimits) -> None:
        self.rows_of_cell: dict[tuple[int, int], int] = {}  # by row and column of the first
        self._header = header
        self._limits = limits

    def take(self, attributes: Attributes) -> None:
        cells = cells_of(attributes.get("ref", ""))
        if cells is None:
            return
        rows, columns = cells
        if len(rows) < 2 or rows.start <= self._header.row or columns.start >= self._header.columns:  # noqa: PLR2004
            return
        self.rows_of_cell[rows.start, columns.start] = len(rows)
        if len(self.rows_of_cell) > MOST_MERGES:
            raise self._limits.too_many_merges()
