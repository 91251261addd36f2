"""Reads what a sheet's markup says behind its last row: which cells are links, which are merged. A sheet that
says such things is read twice.
"""

from collections.abc import Mapping
from typing import NamedTuple

from services.ingest.workbook.rows import HeaderPlace
from services.ingest.workbook.unpacking.archive import Archive
from services.ingest.workbook.unpacking.markup import Attributes, Handler, read_whole
from services.ingest.workbook.xlsx.hyperlinks import Hyperlinks, web_targets
from services.ingest.workbook.xlsx.merges import Merges
from services.ingest.workbook.xlsx.names import PREFIXES

LINKED_ROWS = 100  # looked at where no text tells which column holds images
_MERGED = "mergeCell"


class BehindRows(NamedTuple):
    """By row and column."""

    addresses: Mapping[tuple[int, int], str] = {}
    merged_rows: Mapping[tuple[int, int], int] = {}


NOTHING = BehindRows()


def read_links(archive: Archive, part: str, first_row: int) -> BehindRows:
    """The addresses of the first rows, in whatever columns."""
    targets = web_targets(archive, part)
    if not targets:
        return NOTHING
    limits = archive.budget.limits
    columns = range(limits.csv.columns)
    links = Hyperlinks(columns, targets, limits, rows=range(first_row, first_row + LINKED_ROWS))
    read_whole(archive.pieces(part), _BehindRows(links), archive.budget)
    return BehindRows(links.by_cell)


def read_behind_rows(archive: Archive, part: str, header: HeaderPlace | None) -> BehindRows:
    if header is None:
        return NOTHING
    targets = web_targets(archive, part)
    if not targets and not archive.holds(part, _MERGED.encode()):
        return NOTHING
    links = Hyperlinks(header.image_columns, targets, archive.budget.limits)
    merges = Merges(header, archive.budget.limits)
    read_whole(archive.pieces(part), _BehindRows(links, merges), archive.budget)
    return BehindRows(links.by_cell, merges.rows_of_cell)


class _BehindRows(Handler):
    prefixes = PREFIXES

    def __init__(self, links: Hyperlinks, merges: Merges | None = None) -> None:
        self._links = links
        self._merges = merges

    def start(self, name: str, attributes: Attributes) -> None:
        if name == "hyperlink":
            self._links.take(attributes)
        elif name == _MERGED and self._merges is not None:
            self._merges.take(attributes)
