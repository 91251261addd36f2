"""Reads the tables of content.xml row by row: raw cells, whose texts are made later."""

from typing import NamedTuple

from services.ingest.workbook.limits import (
    LONGEST_NAME,
    LONGEST_WORD,
    MOST_COLUMNS,
    MOST_STYLES,
    WorkbookLimits,
)
from services.ingest.workbook.links import is_web_address
from services.ingest.workbook.ods import names
from services.ingest.workbook.ods.cells import VALUES, RawCell
from services.ingest.workbook.refusals import damaged
from services.ingest.workbook.unpacking.markup import Attributes, Handler

MOST_SPACES = 1_000_000
# What stands in a table or a cell and is no text of it: comments, shapes, what was there before a change.
_ASIDE = frozenset(
    {"office:annotation", "table:shapes", "table:tracked-changes", "table:dde-links", "text:ruby-text"}
)
_CELLS = frozenset({"table:table-cell", "table:covered-table-cell"})


class RawTable(NamedTuple):
    number: int
    name: str
    is_hidden: bool


class RawRow(NamedTuple):
    table: RawTable
    number: int
    repeated: int
    is_hidden: bool
    cells: list[RawCell]


class Tables(Handler):
    prefixes = names.PREFIXES

    def __init__(self, limits: WorkbookLimits) -> None:
        self._limits = limits
        self._whole: list[RawRow] = []
        self._aside = 0  # how deep in something that is not read
        self._style = ""
        self._hidden_styles: set[str] = set()
        self._is_in_tables = False
        self._table = RawTable(-1, "", is_hidden=False)
        self._next_row = 1
        self._row = RawRow(self._table, 0, 1, is_hidden=False, cells=[])
        self._cell: Attributes | None = None
        self._column = 0
        self._shown: list[str] = []
        self._addresses: list[str] = []
        self._is_paragraph = False
        self._characters = self._row_characters = 0

    def take(self) -> list[RawRow]:
        """The rows that have ended, blank ones left out."""
        whole, self._whole = self._whole, []
        return whole

    def start(self, name: str, attributes: Attributes) -> None:
        if self._aside or name in _ASIDE or name.startswith("draw:"):
            self._aside += 1
        elif self._cell is not None:
            self._start_in_cell(name, attributes)
        elif name in _CELLS:
            self._begin_cell(attributes)
        elif name == "table:table-row":
            self._begin_row(attributes)
        elif name == "table:table" and self._is_in_tables:
            self._begin_table(attributes)
        elif name == "office:spreadsheet":
            self._is_in_tables = True
        elif name == "style:style":
            self._style = attributes.get(names.OF_STYLE, "")[:LONGEST_NAME]
        elif name == "style:table-properties" and attributes.get(names.DISPLAY) == "false":
            self._hide(self._style)

    def end(self, name: str) -> None:
        if self._aside:
            self._aside -= 1
        elif name in _CELLS:
            self._end_cell()
        elif name == "table:table-row":
            self._end_row()
        elif name in {"text:p", "text:h"}:
            self._is_paragraph = False

    def text(self, text: str) -> None:
        if self._is_paragraph and not self._aside:
            self._add(text)

    def _hide(self, style: str) -> None:
        self._hidden_styles.add(style)
        if len(self._hidden_styles) > MOST_STYLES:
            raise damaged("it holds too many styles")

    def _begin_table(self, attributes: Attributes) -> None:
        name, style = (attributes.get(each, "")[:LONGEST_NAME] for each in (names.NAME, names.STYLE_NAME))
        self._table = RawTable(self._table.number + 1, name, style in self._hidden_styles)
        self._next_row = 1

    def _begin_row(self, attributes: Attributes) -> None:
        repeated = _count(attributes.get(names.ROWS_REPEATED, "1"))
        is_hidden = attributes.get(names.VISIBILITY, "visible") != "visible"
        self._row = RawRow(self._table, self._next_row, repeated, is_hidden, [])
        self._next_row += repeated
        self._column = self._row_characters = 0

    def _end_row(self) -> None:
        if self._row.cells:
            self._whole.append(self._row)

    def _begin_cell(self, attributes: Attributes) -> None:
        self._cell = attributes
        self._is_paragraph = False
        self._characters = 0

    def _start_in_cell(self, name: str, attributes: Attributes) -> None:
        match name:
            case "text:p" | "text:h":
                self._is_paragraph = True
                if self._shown:
                    self._add("\n")
            case "text:s":
                self._add(" " * min(_count(attributes.get(names.SPACES, "1")), MOST_SPACES))
            case "text:tab":
                self._add("\t")
            case "text:line-break":
                self._add("\n")
            case "text:a" if is_web_address(address := attributes.get(names.ADDRESS, "")):
                self._count(len(address))
                self._addresses.append(address)
            case "table:table":
                raise damaged("a cell holds a table")

    def _end_cell(self) -> None:
        attributes = self._cell or {}
        repeated = _count(attributes.get(names.COLUMNS_REPEATED, "1"))
        kind = attributes.get(names.VALUE_TYPE, "")[:LONGEST_WORD]
        formula = attributes.get(names.FORMULA, "")
        if kind or formula or self._shown:
            if self._column + repeated > MOST_COLUMNS:
                raise self._limits.too_many_columns(self._row.number)
            value = attributes.get(VALUES[kind], "") if kind in VALUES else ""
            self._count(len(value) + len(formula))
            shown, addresses = "".join(self._shown), tuple(self._addresses)
            spanned = _count(attributes.get(names.ROWS_SPANNED, "1"))
            raw = RawCell(self._column, repeated, kind, value, shown, formula, addresses, spanned)
            self._row.cells.append(raw)
        self._shown.clear()
        self._addresses.clear()
        self._cell = None
        self._column += repeated

    def _add(self, text: str) -> None:
        self._count(len(text))
        self._shown.append(text)

    def _count(self, characters: int) -> None:
        self._characters += characters
        self._row_characters += characters
        if self._characters > self._limits.csv.cell_characters:
            raise self._limits.csv.cell_too_long(self._row.number)
        if self._row_characters > self._limits.csv.row_characters:
            raise self._limits.csv.row_too_long(self._row.number)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < len("1000000000")):
        raise damaged("something is repeated an impossible number of times")
    return max(int(text), 1)
