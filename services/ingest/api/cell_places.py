"""Where an error stands in the workbook that was uploaded; in a CSV cells have no address (pure)."""

from dataclasses import dataclass

from services.ingest.csv_file.verdicts import CellError
from services.ingest.workbook.addresses import cell_address


@dataclass(frozen=True, slots=True)
class CellPlaces:
    sheet: str | None = None  # None: the file is a CSV
    is_of_lines: bool = False  # all of a row stands in its first cell

    def of(self, error: CellError) -> str | None:
        if self.sheet is None or error.row is None:
            return None
        column = 0 if self.is_of_lines else error.column_index
        return cell_address(self.sheet, error.row, column)

    def sentence(self, error: CellError) -> str:
        place = self.of(error)
        return error.sentence() if place is None else f"{place}: {error.problem}"


IN_A_CSV = CellPlaces()
