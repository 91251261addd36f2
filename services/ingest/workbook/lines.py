"""Recognises a sheet that was made of a CSV without splitting its columns, and splits them (pure): each row
stands in one cell, as a line of CSV, or in a few where the line held the sign that the spreadsheet takes for
a separator.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from services.ingest.workbook.limits import MOST_COLUMNS, WorkbookLimits
from services.ingest.workbook.rows import SheetCell, SheetRow, filled_cells, on_one_line, texts_of


@dataclass(frozen=True, slots=True)
class Lines:
    delimiter: str  # of the CSV

    def split(self, rows: Iterator[SheetRow], limits: WorkbookLimits) -> Iterator[SheetRow]:
        """The rows with the cells that their lines have."""
        for row in rows:
            line = self._joint.join(map(on_one_line, texts_of(filled_cells(row, limits))))
            reader = csv.reader([line], delimiter=self.delimiter, skipinitialspace=True)
            try:
                texts = next(reader, [])
            except csv.Error as error:
                raise limits.csv.cell_too_long(row.number) from error
            if len(texts) > MOST_COLUMNS:
                raise limits.too_many_columns(row.number)
            yield row._replace(cells=[SheetCell(*each) for each in enumerate(texts)])

    @property
    def _joint(self) -> str:
        """At which the spreadsheet cut them."""
        return ";" if self.delimiter == "," else ","
