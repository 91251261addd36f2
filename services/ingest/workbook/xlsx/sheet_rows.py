"""Reads the rows of one sheet as they stand in its markup: raw cells, whose texts are looked up later."""

from typing import NamedTuple

from services.ingest.workbook.cell_names import column_of
from services.ingest.workbook.limits import LONGEST_WORD, MOST_COLUMNS, MOST_ROWS, WorkbookLimits
from services.ingest.workbook.refusals import damaged
from services.ingest.workbook.unpacking.markup import Attributes, Handler
from services.ingest.workbook.xlsx.names import PREFIXES, TRUE


class RawCell(NamedTuple):
    column: int
    kind: str  # as the file says: n, s, str, inlineStr, b, e, d
    style: str
    value: str
    formula: str
    has_formula: bool


class RawRow(NamedTuple):
    number: int
    is_hidden: bool
    cells: list[RawCell]


class SheetRows(Handler):
    prefixes = PREFIXES

    def __init__(self, limits: WorkbookLimits) -> None:
        self._limits = limits
        self._whole: list[RawRow] = []
        self._row = 0
        self._is_hidden = False
        self._cells: list[RawCell] = []
        self._column = -1
        self._kind = self._style = ""
        self._value: list[str] = []
        self._formula: list[str] = []
        self._has_formula = False
        self._into: list[str] | None = None  # where text goes
        self._characters = self._row_characters = 0
        self._phonetic = 0

    def take(self) -> list[RawRow]:
        """The rows that have ended, blank ones left out."""
        whole, self._whole = self._whole, []
        return whole

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name == "v" or (name == "t" and not self._phonetic):
            self._into = self._value
        elif name == "f":
            self._into, self._has_formula = self._formula, True
        elif name == "row":
            self._begin_row(attributes)
        elif name == "rPh":
            self._phonetic += 1

    def end(self, name: str) -> None:
        if name in {"v", "t", "f"}:
            self._into = None
        elif name == "c":
            self._end_cell()
        elif name == "row":
            self._end_row()
        elif name == "rPh":
            self._phonetic -= 1

    def text(self, text: str) -> None:
        if self._into is not None:
            self._characters += len(text)
            if self._characters > self._limits.csv.cell_characters:
                raise self._limits.csv.cell_too_long(self._row)
            self._into.append(text)

    def _begin_row(self, attributes: Attributes) -> None:
        number = attributes.get("r")
        row = self._row + 1 if number is None else _row_number(number)
        if row <= self._row:
            raise damaged(f"row {row} comes after row {self._row}")
        if row > MOST_ROWS:
            raise damaged(f"a sheet has {MOST_ROWS:,} rows at most")
        self._row, self._column, self._row_characters = row, -1, 0
        self._is_hidden = attributes.get("hidden") in TRUE

    def _begin_cell(self, attributes: Attributes) -> None:
        name = attributes.get("r")
        self._column = self._column + 1 if name is None else column_of(name)
        self._kind = attributes.get("t", "n")[:LONGEST_WORD]
        self._style = attributes.get("s", "")[:LONGEST_WORD]
        self._characters = 0

    def _end_cell(self) -> None:
        if self._value or self._has_formula:
            value, formula = "".join(self._value), "".join(self._formula)
            cell = RawCell(self._column, self._kind, self._style, value, formula, self._has_formula)
            self._cells.append(cell)
            self._require_bounded_row(len(value) + len(formula))
            self._value.clear()
            self._formula.clear()
            self._has_formula = False

    def _require_bounded_row(self, more_characters: int) -> None:
        self._row_characters += more_characters
        if self._row_characters > self._limits.csv.row_characters:
            raise self._limits.csv.row_too_long(self._row)
        if len(self._cells) > MOST_COLUMNS:
            raise self._limits.too_many_columns(self._row)

    def _end_row(self) -> None:
        if self._cells:
            self._whole.append(RawRow(self._row, self._is_hidden, self._cells))
            self._cells = []


def _row_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST_ROWS))):
        raise damaged("a row has an impossible number")
    return int(text)
