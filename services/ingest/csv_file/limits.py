"""What one file may hold, and the verdict on one that holds more (pure)."""

from dataclasses import dataclass


class CsvTooLarge(Exception):  # noqa: N818 - a verdict on the file, not an error of ours
    """The file exceeds one of our limits."""

    def __init__(self, limit: str, maximum: int, unit: str, row: int | None = None) -> None:
        super().__init__(f"The limit on {limit} is {maximum:,} {unit}")
        self.limit = limit
        self.maximum = maximum
        self.unit = unit
        self.row = row


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvLimits:
    rows: int = 1_000_000
    images: int = 2_000_000
    blank_rows: int = 2_000_000  # twice as many as a spreadsheet has rows
    columns: int = 1_000
    urls_per_row: int = 1_000
    cell_characters: int = 3_000_000
    row_characters: int = 12_000_000  # a quoted line break lets a row be longer than any line
    row_lines: int = 100_000  # a quotation mark that is not closed would make one row of a whole file
    errors_listed: int = 1_000

    def too_many_rows(self, row: int) -> CsvTooLarge:
        return CsvTooLarge("rows", self.rows, "rows", row)

    def too_many_images(self, row: int) -> CsvTooLarge:
        return CsvTooLarge("images", self.images, "images", row)

    def too_many_blank_rows(self, row: int) -> CsvTooLarge:
        return CsvTooLarge("blank rows", self.blank_rows, "rows", row)

    def too_many_columns(self, row: int) -> CsvTooLarge:
        return CsvTooLarge("columns", self.columns, "columns", row)

    def too_many_urls(self, row: int) -> CsvTooLarge:
        return CsvTooLarge("URLs in a row", self.urls_per_row, "URLs", row)

    def cell_too_long(self, row: int | None) -> CsvTooLarge:
        return CsvTooLarge("cell length", self.cell_characters, "characters", row)

    def line_too_long(self, row: int) -> CsvTooLarge:
        return CsvTooLarge("line length", self.cell_characters, "characters", row)

    def row_too_long(self, row: int) -> CsvTooLarge:
        return CsvTooLarge("row length", self.row_characters, "characters", row)

    def too_many_lines(self, row: int) -> CsvTooLarge:
        return CsvTooLarge("lines in a row", self.row_lines, "lines", row)
