"""A workbook of Excel: its sheets in their order, and the rows of each as people see them."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.ingest.csv_file.spool import OpenSpool
from services.ingest.workbook.limits import LONGEST_NAME, MOST_SHEETS
from services.ingest.workbook.links import address_in_formula
from services.ingest.workbook.numbers import PLAIN, NumberStyle, iso_text, styled_text
from services.ingest.workbook.refusals import damaged
from services.ingest.workbook.rows import HeaderPlace, Sheet, SheetCell, SheetRow
from services.ingest.workbook.unpacking.archive import Archive
from services.ingest.workbook.unpacking.markup import Attributes, Handler, read_markup, read_whole
from services.ingest.workbook.xlsx.behind_rows import NOTHING, BehindRows, read_behind_rows, read_links
from services.ingest.workbook.xlsx.names import PREFIXES, TRUE, relation_id
from services.ingest.workbook.xlsx.package import relations
from services.ingest.workbook.xlsx.shared_strings import SharedStrings, read_shared_strings
from services.ingest.workbook.xlsx.sheet_rows import RawCell, SheetRows
from services.ingest.workbook.xlsx.styles import read_styles
from services.ingest.workbook.xlsx.texts import unescaped

MOST_LISTED = 10_000  # of sheets


def open_xlsx(archive: Archive, part: str, open_spool: OpenSpool) -> "Xlsx":
    """`part` is the one that lists the sheets."""
    related = relations(archive, part)
    listed = _SheetList()
    read_whole(archive.pieces(part), listed, archive.budget)
    of_kind = {relation.kind: relation.target for relation in related.values()}
    parts = {key: relation.target for key, relation in related.items() if relation.kind == "worksheet"}
    return Xlsx(
        archive=archive,
        listed=tuple((name, parts[key], hidden) for name, key, hidden in listed.sheets if key in parts),
        is_1904=listed.is_1904,
        styles=read_styles(archive, of_kind.get("styles")),
        strings=read_shared_strings(archive, of_kind.get("sharedStrings"), open_spool),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Xlsx:
    archive: Archive
    listed: Sequence[tuple[str, str, bool]]  # its name, its part, whether it is hidden
    is_1904: bool
    styles: Sequence[NumberStyle]
    strings: SharedStrings

    def sheets(self) -> Iterator[tuple[Sheet, Iterator[SheetRow]]]:
        for index, (name, _, is_hidden) in enumerate(self.listed[:MOST_SHEETS]):
            yield Sheet(index=index, name=name, is_hidden=is_hidden), self._rows(index, NOTHING)

    def sheets_behind(self, sheet: Sheet) -> Iterator[tuple[Sheet, Iterator[SheetRow]]]:
        return itertools.islice(self.sheets(), sheet.index + 1, None)

    def linked_rows(self, sheet: Sheet, first: int) -> Iterator[SheetRow]:
        links = read_links(self.archive, self.listed[sheet.index][1], first)
        return self._rows(sheet.index, links)

    def rows(self, sheet: Sheet, header: HeaderPlace | None) -> Iterator[SheetRow]:
        behind = read_behind_rows(self.archive, self.listed[sheet.index][1], header)
        return self._rows(sheet.index, behind)

    def _rows(self, index: int, behind: BehindRows) -> Iterator[SheetRow]:
        found = SheetRows(self.archive.budget.limits)
        for _ in read_markup(self.archive.pieces(self.listed[index][1]), found, self.archive.budget):
            for number, is_hidden, cells in found.take():
                yield SheetRow(number, self._cells(number, cells, behind), is_hidden)

    def _cells(self, row: int, cells: Sequence[RawCell], behind: BehindRows) -> Iterator[SheetCell]:
        addresses, merged_rows = behind
        for cell in cells:
            address = addresses.get((row, cell.column), "") if addresses else ""
            if cell.has_formula:
                address = address or address_in_formula(cell.formula)
            lacks_value = cell.has_formula and not cell.value and cell.kind != "str"
            rows = merged_rows.get((row, cell.column), 1) if merged_rows else 1
            yield SheetCell(cell.column, self._text(cell), address, lacks_value, rows)

    def _text(self, cell: RawCell) -> str:
        match cell.kind:
            case "s":
                return self._shared_text(cell.value)
            case "n":
                return styled_text(cell.value.strip(), self._style(cell.style), is_1904=self.is_1904)
            case "b":
                return "TRUE" if cell.value in TRUE else "FALSE"
            case "d":
                return iso_text(cell.value)
            case _:
                return unescaped(cell.value)

    def _shared_text(self, index: str) -> str:
        text = self.strings.text(int(index)) if _is_index(index) else None
        if text is None:
            raise damaged("a cell names a text that is not there")
        return text

    def _style(self, index: str) -> NumberStyle:
        number = int(index) if _is_index(index) else 0
        return self.styles[number] if number < len(self.styles) else PLAIN


def _is_index(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < len("10000000000")


class _SheetList(Handler):
    prefixes = PREFIXES

    def __init__(self) -> None:
        self.sheets: list[tuple[str, str, bool]] = []
        self.is_1904 = False

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "sheet":
            key = relation_id(attributes)
            hidden = attributes.get("state", "visible") != "visible"
            self.sheets.append((attributes.get("name", "")[:LONGEST_NAME], key[:LONGEST_NAME], hidden))
            if len(self.sheets) > MOST_LISTED:
                raise damaged("it lists too many sheets")
        elif name == "workbookPr":
            self.is_1904 = attributes.get("date1904") in TRUE
