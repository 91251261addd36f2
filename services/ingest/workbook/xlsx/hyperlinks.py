"""The addresses behind the texts of cells, by the relations of their sheet."""

from collections.abc import Collection, Mapping

from services.ingest.workbook.cell_names import cells_of
from services.ingest.workbook.limits import LINK_CHARACTERS, MOST_ROWS, WorkbookLimits
from services.ingest.workbook.links import is_web_address
from services.ingest.workbook.unpacking.archive import Archive
from services.ingest.workbook.unpacking.markup import Attributes
from services.ingest.workbook.xlsx.names import relation_id
from services.ingest.workbook.xlsx.package import relations

MOST_CELLS = 1_000_000
ALL_ROWS = range(1, MOST_ROWS + 1)


def web_targets(archive: Archive, part: str) -> Mapping[str, str]:
    """The addresses that this sheet's cells lead to, by their ids."""
    return {
        key: relation.target
        for key, relation in relations(archive, part).items()
        if relation.kind == "hyperlink" and is_web_address(relation.target)
    }


class Hyperlinks:
    """Those of some columns, as the sheet tells of them. Raises `CsvTooLarge` for too many."""

    def __init__(
        self,
        columns: Collection[int],
        targets: Mapping[str, str],
        limits: WorkbookLimits,
        *,
        rows: range = ALL_ROWS,
    ) -> None:
        self.by_cell: dict[tuple[int, int], str] = {}  # row and column
        self._too_many = limits.too_many_links
        self._columns = frozenset(columns)
        self._rows = rows
        self._targets = targets
        self._characters = 0
        self._cells = 0  # looked at, of which many may be the same

    def take(self, attributes: Attributes) -> None:
        key = relation_id(attributes)
        cells = cells_of(attributes.get("ref", ""))
        if key not in self._targets or cells is None:
            return
        rows = range(max(cells[0].start, self._rows.start), min(cells[0].stop, self._rows.stop))
        few, many = sorted((self._columns, cells[1]), key=len)
        columns = [column for column in few if column in many]
        self._cells += len(few) + len(rows) * len(columns)
        if self._cells > MOST_CELLS:
            raise self._too_many()
        if rows and columns:
            self._put(rows, columns, self._address(key, attributes.get("location", "")))

    def _address(self, key: str, place: str) -> str:
        if not place:
            return self._targets[key]
        address = f"{self._targets[key]}#{place}"
        self._characters += len(address)
        if self._characters > LINK_CHARACTERS:
            raise self._too_many()
        return address

    def _put(self, rows: range, columns: Collection[int], address: str) -> None:
        for column in columns:
            for row in rows:
                self.by_cell.setdefault((row, column), address)
