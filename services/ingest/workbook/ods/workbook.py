"""A workbook of LibreOffice: its sheets in their order, and the rows of each as people see them."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from services.ingest.workbook.limits import MOST_SHEETS
from services.ingest.workbook.links import address_in_formula
from services.ingest.workbook.ods import names
from services.ingest.workbook.ods.cells import RawCell, cell_text
from services.ingest.workbook.ods.tables import RawRow, RawTable, Tables
from services.ingest.workbook.rows import HeaderPlace, Sheet, SheetCell, SheetRow
from services.ingest.workbook.unpacking.archive import Archive
from services.ingest.workbook.unpacking.markup import Attributes, Handler, read_markup, read_whole

CONTENT, MANIFEST = "content.xml", "META-INF/manifest.xml"


def is_encrypted(archive: Archive) -> bool:
    if "encrypted-package" in archive:
        return True
    if MANIFEST not in archive:
        return False
    manifest = _Manifest()
    read_whole(archive.pieces(MANIFEST), manifest, archive.budget)
    return manifest.is_encrypted


_Tables = Iterator[tuple[RawTable, Iterator[RawRow]]]


@dataclass(slots=True)
class Ods:
    """All its sheets stand in one part, one behind the other."""

    archive: Archive
    _behind: _Tables = field(default_factory=lambda: iter(()))  # the sheet that was read to its end

    def sheets(self) -> Iterator[tuple[Sheet, Iterator[SheetRow]]]:
        return _sheets(self._tables())

    def sheets_behind(self, sheet: Sheet) -> Iterator[tuple[Sheet, Iterator[SheetRow]]]:  # noqa: ARG002
        return _sheets(self._behind)

    def linked_rows(self, sheet: Sheet, first: int) -> Iterator[SheetRow]:  # noqa: ARG002 - as below
        return self.rows(sheet, None)

    def rows(self, sheet: Sheet, header: HeaderPlace | None) -> Iterator[SheetRow]:  # noqa: ARG002
        """All is said in the cells themselves, so it matters not of which columns it is wanted."""
        tables = self._tables()
        for table, rows in tables:
            if table.number == sheet.index:
                yield from map(_row, rows)
            elif table.number > sheet.index:
                self._behind = itertools.chain([(table, rows)], tables)
                return

    def _tables(self) -> _Tables:
        return itertools.groupby(self._all_rows(), lambda row: row.table)

    def _all_rows(self) -> Iterator[RawRow]:
        found = Tables(self.archive.budget.limits)
        for _ in read_markup(self.archive.pieces(CONTENT), found, self.archive.budget):
            yield from found.take()


def _sheets(tables: _Tables) -> Iterator[tuple[Sheet, Iterator[SheetRow]]]:
    for table, rows in itertools.islice(tables, MOST_SHEETS):
        yield Sheet(index=table.number, name=table.name, is_hidden=table.is_hidden), map(_row, rows)


def _row(row: RawRow) -> SheetRow:
    return SheetRow(row.number, _cells(row.cells), row.is_hidden, row.repeated)


def _cells(cells: Sequence[RawCell]) -> Iterator[SheetCell]:
    for cell in cells:
        address = ",".join(cell.addresses) or address_in_formula(cell.formula)
        lacks_value = bool(cell.formula) and not cell.kind and not cell.shown
        text = cell_text(cell)
        for column in range(cell.column, cell.column + cell.repeated):
            yield SheetCell(column, text, address, lacks_value, cell.merged_rows)


class _Manifest(Handler):
    prefixes = names.PREFIXES
    is_encrypted = False

    def start(self, name: str, attributes: Attributes) -> None:  # noqa: ARG002 - their names are enough
        if name == "manifest:encryption-data":
            self.is_encrypted = True
