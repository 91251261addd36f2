"""A workbook of LibreOffice: its sheets in their order, and the rows of each as people see them."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.ingest.workbook.limits import MOST_SHEETS
from services.ingest.workbook.links import address_in_formula
from services.ingest.workbook.ods import names
from services.ingest.workbook.ods.cells import RawCell, cell_text
from services.ingest.workbook.ods.tables import RawRow, Tables
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


@dataclass(frozen=True, slots=True)
class Ods:
    archive: Archive

    def sheets(self) -> Iterator[tuple[Sheet, Iterator[SheetRow]]]:
        of_tables = itertools.groupby(self._all_rows(), lambda row: row.table)
        for table, rows in itertools.islice(of_tables, MOST_SHEETS):
            yield Sheet(index=table.number, name=table.name, is_hidden=table.is_hidden), map(_row, rows)

    def linked_rows(self, sheet: Sheet, first: int) -> Iterator[SheetRow]:  # noqa: ARG002 - as below
        return self.rows(sheet, None)

    def rows(self, sheet: Sheet, header: HeaderPlace | None) -> Iterator[SheetRow]:  # noqa: ARG002
        """All is said in the cells themselves, so it matters not of which columns it is wanted."""
        for row in self._all_rows():
            if row.table.number == sheet.index:
                yield _row(row)
            elif row.table.number > sheet.index:
                return

    def _all_rows(self) -> Iterator[RawRow]:
        found = Tables(self.archive.budget.limits)
        for _ in read_markup(self.archive.pieces(CONTENT), found, self.archive.budget):
            yield from found.take()


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
