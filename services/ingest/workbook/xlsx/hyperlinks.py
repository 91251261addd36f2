"""The addresses behind the texts of cells. They stand after the rows, so a sheet is read for them first."""

from collections.abc import Collection, Mapping

from services.ingest.workbook.cell_names import cells_of
from services.ingest.workbook.limits import LINK_CHARACTERS
from services.ingest.workbook.links import is_web_address
from services.ingest.workbook.unpacking.archive import Archive
from services.ingest.workbook.unpacking.markup import Attributes, Handler, read_whole
from services.ingest.workbook.xlsx.names import PREFIXES, RELATION_IDS
from services.ingest.workbook.xlsx.package import relations

Links = Mapping[tuple[int, int], str]  # by row and column
MOST_CELLS = 1_000_000


def read_hyperlinks(archive: Archive, part: str, columns: Collection[int]) -> Links:
    """Those in these columns that lead into the web. Raises `CsvTooLarge` for more than may be remembered."""
    targets = {
        key: relation.target
        for key, relation in relations(archive, part).items()
        if relation.kind == "hyperlink" and is_web_address(relation.target)
    }
    if not targets or not columns:
        return {}
    found = _Hyperlinks(archive, columns, targets)
    read_whole(archive.pieces(part), found, archive.budget)
    return found.links


class _Hyperlinks(Handler):
    prefixes = PREFIXES

    def __init__(self, archive: Archive, columns: Collection[int], targets: Mapping[str, str]) -> None:
        self.links: dict[tuple[int, int], str] = {}
        self._too_many = archive.budget.limits.too_many_links
        self._columns = columns
        self._targets = targets
        self._characters = 0

    def start(self, name: str, attributes: Attributes) -> None:
        if name != "hyperlink":
            return
        key = next((attributes[each] for each in RELATION_IDS if each in attributes), "")
        cells = cells_of(attributes.get("ref", ""))
        if key not in self._targets or cells is None:
            return
        place = attributes.get("location", "")
        address = f"{self._targets[key]}#{place}" if place else self._targets[key]
        self._characters += len(place)
        rows, columns = cells
        for column in self._columns:
            if column in columns:
                self._put(rows, column, address)

    def _put(self, rows: range, column: int, address: str) -> None:
        if self._characters > LINK_CHARACTERS or len(self.links) + len(rows) > MOST_CELLS:
            raise self._too_many()
        for row in rows:
            self.links.setdefault((row, column), address)
