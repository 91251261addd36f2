"""What a row of the file can be, and how its cells come into the header's columns (pure)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from services.ingest.csv_file.header.columns import Header
from services.ingest.csv_file.image_urls.cell import (
    begins_address,
    ends_with_image_file,
    is_named_in_query,
    names_image_file,
)
from services.ingest.csv_file.image_urls.listed import begins_point, begins_variation, split_urls
from services.ingest.csv_file.verdicts import CellError


class Assumption(Enum):
    """What was read into a row that lacks something, or what it is instead of a product."""

    NUMBERED = auto()
    NAMED_FROM_ABOVE = auto()
    NAMED_FROM_FILE = auto()
    OF_PRODUCT_ABOVE = auto()  # number and name
    BESIDE_COLUMNS = auto()  # a note, which was left out
    WITHOUT_IMAGE = auto()
    HEADER_AGAIN = auto()
    TOTAL = auto()
    LINE = auto()  # drawn with dashes
    NOTE = auto()
    SAID_OF_COLUMNS = auto()  # as their codes, or that they are required


class Product(NamedTuple):  # a million may come: a tuple is made in half the time of a dataclass
    row: int
    serial_number: str
    name: str
    cells: tuple[str, ...]
    urls: tuple[str, ...]  # none: the row only comes back in the output
    spilled: bool  # the URLs stood in more than their column
    assumed: tuple[Assumption, ...] = ()


@dataclass(frozen=True, slots=True)
class BadRow:
    row: int
    cells: tuple[str, ...]
    errors: tuple[CellError, ...]
    assumed: tuple[Assumption, ...] = ()


def unreadable_row(row: int, sent: list[str], header: Header, fault: CellError) -> BadRow:
    """A row whose quotation marks leave open where a cell ends."""
    return BadRow(row, tuple(fitted(sent, header).cells), (fault,))


def urls_of(cells: Sequence[str], header: Header) -> list[str]:
    columns = header.image_urls
    if len(columns) == 1:
        return split_urls(cells[columns[0]])
    return [url for index in columns for url in split_urls(cells[index])]


class Fitted(NamedTuple):
    """A row in exactly the header's columns."""

    cells: list[str]
    spilled: bool = False
    left_out: bool = False  # texts beside the named columns

    @property
    def assumed(self) -> tuple[Assumption, ...]:
        return (Assumption.BESIDE_COLUMNS,) if self.left_out else ()


def fitted(sent: list[str], header: Header) -> Fitted:
    """URLs that spilled into more cells go back into theirs, and notes beside the columns are left out.
    Nothing has moved in a row that is as wide as its header, whose last cells may have no name.
    """
    width = len(header.columns)
    if len(sent) <= width:
        return Fitted(sent + [""] * (width - len(sent)))
    first, cells = header.last_image, sent
    end = first + 1 + len(cells) - width
    unnamed = header.unnamed if first < width - 1 else 0
    beyond = surplus(sent, header)
    has_moved = beyond > unnamed or (beyond > 0 and _is_marked(cells[first]))
    begins = _begins_another(cells[first:end]) if has_moved else begins_address
    if not any(map(begins, cells[first + 1 : end])):
        cells = _without_blank_end(cells, width)
        end = first + 1 + len(cells) - width
        fits = first < width - 1 and len(sent) == width + header.unnamed
        if fits or _is_whole(cells[first:end]):
            return Fitted(cells[:width], left_out=len(cells) > width)
    joined, left_out = _rejoined(cells[first:end], header.delimiter)
    return Fitted([*cells[:first], joined, *cells[end:]], joined != cells[first], left_out)


def _is_marked(cell: str) -> bool:
    return begins_variation(cell) or begins_point(cell)


def _begins_another(cells: Sequence[str]) -> Callable[[str], bool]:
    """Whether an address does, behind whatever its image shows or a list has before each, where the first one
    stands so.
    """
    first = next(filter(_holds_address, cells), "")
    if begins_variation(first):
        return _holds_address
    return _begins_listed if begins_point(first) else begins_address


def _begins_listed(cell: str) -> bool:
    return begins_address(cell) or begins_point(cell)


def _holds_address(cell: str) -> bool:
    return "://" in cell


def _is_whole(cells: Sequence[str]) -> bool:
    """Whether what follows the first one is no piece of its address, nor an empty place for another, nor
    another file.
    """
    is_noted = any(map(str.strip, cells[1:])) and not any(map(names_image_file, cells[1:]))
    return is_noted and ends_with_image_file(cells[0])


def surplus(sent: Sequence[str], header: Header) -> int:
    """How many cells the row has beyond the header's columns."""
    return max(0, len(_without_blank_end(sent, len(header.columns))) - len(header.columns))


def _without_blank_end(cells: Sequence[str], width: int) -> list[str]:
    filled = len(cells)
    while filled > width and not cells[filled - 1].strip():
        filled -= 1
    return list(cells[:filled])


def _rejoined(cells: Sequence[str], delimiter: str) -> tuple[str, bool]:
    """A cell that does not begin an address belongs to the one before it, `…/w_400,h_300/x.jpg`, unless that
    one is whole: then it is a note, or another file; behind a file in a query a note, as that may go on.
    The other value is whether a note was left out.
    """
    joined, last, left_out = cells[0], cells[0], False
    begins = _begins_another(cells)
    separator = {begins_address: ",", _begins_listed: ", "}.get(begins, "|")
    was_asked, in_query = False, is_named_in_query(last)  # in the address up to `last`, and to its file
    for cell in _without_blank_end(cells, 1)[1:]:
        is_filled, is_address, is_over = bool(cell.strip()), begins(cell), ends_with_image_file(last)
        is_next = is_address or (is_over and not in_query and names_image_file(cell))
        if is_filled and not is_next and is_over:
            left_out = True
            continue
        joined += (separator if is_next else delimiter) + cell
        if is_filled:
            was_asked = not is_address and (was_asked or (not is_next and "?" in last))
            last, in_query = cell, was_asked or is_named_in_query(cell)
    return joined, left_out
