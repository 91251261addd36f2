"""What is read of a sheet, whichever program wrote it: rows of cells with their texts (pure)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from services.ingest.workbook.limits import WorkbookLimits


class SheetCell(NamedTuple):
    column: int
    text: str
    address: str = ""  # behind the text
    lacks_value: bool = False  # a formula that nobody has worked out
    merged_rows: int = 1  # it goes over so many, and holds its text in the first


class SheetRow(NamedTuple):
    number: int
    cells: Iterable[SheetCell]  # made as they are taken, once: a short row may stand for long texts
    is_hidden: bool
    repeated: int = 1  # it stands for so many rows, all alike


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    index: int
    name: str
    is_hidden: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderPlace:
    """Where a header stands, and what it says of the rows below it."""

    row: int  # counted from 1: of the lines that were shown, and later of the sheet
    columns: int  # that it names
    image_columns: Sequence[int]
    delimiter: str  # of the lines that were shown


class Workbook(Protocol):
    """Every method raises `UnreadableCsv` or `CsvTooLarge`."""

    def sheets(self) -> Iterator[tuple[Sheet, Iterator[SheetRow]]]:
        """Each with its first rows, which are read before the next sheet is asked for."""

    def sheets_behind(self, sheet: Sheet) -> Iterator[tuple[Sheet, Iterator[SheetRow]]]:
        """The same of those behind it, once all its rows have been read: nothing is read twice for them."""

    def linked_rows(self, sheet: Sheet, first: int) -> Iterator[SheetRow]:
        """Its rows, in the first of them, from this one on, with the addresses behind all texts."""

    def rows(self, sheet: Sheet, header: HeaderPlace | None) -> Iterator[SheetRow]:
        """All rows with a cell in them. Addresses behind texts are looked for in its columns of images alone,
        and cells that are merged in its columns.
        """


def filled_cells(row: SheetRow, limits: WorkbookLimits) -> list[SheetCell]:
    """Raises `CsvTooLarge` before more is in memory than a row may hold."""
    cells: list[SheetCell] = []
    characters = 0
    for cell in row.cells:
        if not (cell.text or cell.address or cell.lacks_value):
            continue
        characters += len(cell.text) + len(cell.address)
        if characters > limits.csv.row_characters:
            raise limits.csv.row_too_long(row.number)
        cells.append(cell)
    return cells


def on_one_line(text: str) -> str:
    """A search for the header counts lines as rows."""
    return " ".join(text.splitlines()) if "\n" in text or "\r" in text else text


def texts_of(cells: Sequence[SheetCell]) -> list[str]:
    """All cells of the row from the first column on; where nothing stands there is an empty text."""
    texts: list[str] = []
    for cell in cells:
        missing = cell.column + 1 - len(texts)
        if missing > 0:
            texts.extend([""] * missing)
        texts[cell.column] = cell.text
    return texts
