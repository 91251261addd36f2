"""What a workbook may hold besides what any upload may, and the verdicts on one that holds more (pure)."""

from dataclasses import dataclass

from services.ingest.csv_file.limits import CsvLimits, CsvTooLarge

DIRECTORY_BYTES = 2 * 1024 * 1024  # of the ZIP: some 30,000 entries, which the reader keeps in memory
TOKEN_BYTES = 1024 * 1024  # of markup: a tag, a comment
MOST_NAMES = 2_000  # of elements, attributes and namespaces: the parser keeps them all
NAME_CHARACTERS = 250_000  # of all of these
LONGEST_NAME = 255  # of a sheet, of a style: the rest is cut off
LONGEST_WORD = 20  # of what a cell says of itself: its kind, the number of its style
MOST_DEPTH = 200  # of elements in one another
MOST_COLUMNS = 16_384  # of a sheet
MOST_ROWS = 1_048_576  # of a sheet of Excel
MOST_SHEETS = 100  # looked at
MOST_STYLES = 100_000
LINK_CHARACTERS = 16_000_000  # of all addresses behind texts
MOST_MERGES = 200_000  # of cells that go over several rows


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkbookLimits:
    csv: CsvLimits
    csv_bytes: int = 500_000_000  # of what is made of it
    unpacked_bytes: int = 2_000_000_000  # of markup that is read, one part more than once if need be
    elements: int = 50_000_000  # in it: they cost time, however short they are

    def too_large(self) -> CsvTooLarge:
        return CsvTooLarge("unpacked file size", self.unpacked_bytes, "bytes")

    def too_many_elements(self) -> CsvTooLarge:
        return CsvTooLarge("elements of a workbook", self.elements, "elements")

    def too_large_as_csv(self, row: int) -> CsvTooLarge:
        return CsvTooLarge("size as a CSV", self.csv_bytes, "bytes", row)

    def too_many_links(self) -> CsvTooLarge:
        return CsvTooLarge("length of all hyperlinks", LINK_CHARACTERS, "characters")

    def too_many_merges(self) -> CsvTooLarge:
        return CsvTooLarge("merged cells", MOST_MERGES, "cells")

    def too_many_columns(self, row: int) -> CsvTooLarge:
        return CsvTooLarge("columns", MOST_COLUMNS, "columns", row)
