"""The usual form of a row, as one pattern made for a header: a whole number, a name, sound addresses (pure).

A row that it takes is the same product to the whole judgement, with the same cells and addresses, and nothing
to be said of it; and no cell holds what JSON would have to escape. What it leaves may be right as well.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import methodcaller

from services.ingest.csv_file.header.columns import Delimiter, Header
from services.ingest.csv_file.image_urls.doubtful import SHARING_HOST
from services.ingest.csv_file.limits import CsvLimits

MOST_COLUMNS = 60
MOST_ADDRESSES = 20  # in one cell

_NOT_IN_TEXT = r'"\\\x00-\x1f'
# No colon, which another address has, and nothing that separates addresses or cells.
_OF_PATH = r"[!#-+\--9<-\[\]-{}~]"
# However long its four labels and its last one are, a host has no more than 252 characters.
_ADDRESS = (
    rf"https?://(?!{SHARING_HOST})(?:[A-Za-z0-9][A-Za-z0-9-]{{0,55}}+\.){{1,4}}[A-Za-z]{{2,24}}+/"
    rf"{_OF_PATH}{{0,1500}}+(?<=[A-Za-z0-9/_=-])"
)
_FURTHER = rf"(?:, ?{_ADDRESS}){{0,{MOST_ADDRESSES - 1}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualForm:
    match: Callable[[str], re.Match[str] | None]  # of a line with its end
    cells_of: Callable[[re.Match[str]], tuple[str, ...]]
    serial_number: int
    product_name: int
    image_urls: tuple[int, ...]

    def urls_of(self, cells: tuple[str, ...]) -> list[str]:
        if len(self.image_urls) == 1:
            listed = cells[self.image_urls[0]]
        else:
            listed = ",".join(filter(None, [cells[index] for index in self.image_urls]))
        return listed.replace(", ", ",").split(",")

    @property
    def most_addresses(self) -> int:
        """In one row."""
        return MOST_ADDRESSES * len(self.image_urls)


def usual_form(header: Header, limits: CsvLimits) -> UsualForm | None:
    """None where rows are judged by more than their own cells."""
    number, name = header.serial_number, header.product_name
    if header.is_export or header.is_marked or number is None or name is None:
        return None
    if len(header.columns) > MOST_COLUMNS or {number, name} & set(header.image_urls):
        return None
    form = UsualForm(
        match=re.compile(_pattern(header)).fullmatch,
        cells_of=methodcaller("group", *range(2, 2 * len(header.columns) + 1, 2)),
        serial_number=number,
        product_name=name,
        image_urls=header.image_urls,
    )
    return form if form.most_addresses <= limits.urls_per_row else None


def _pattern(header: Header) -> str:
    """Each cell is two groups: the quotation mark before it, if there is one, and what stands inside."""
    cells = enumerate(_inside_cells(header))
    quoted = [f'(")?({inside})(?({_mark(index)})")' for index, inside in cells]
    delimiter = re.escape(header.delimiter)
    # Empty cells behind the last one belong to no column; between it and the images' addresses may run over.
    surplus = f"{delimiter}*" if header.last_image == len(header.columns) - 1 else ""
    return delimiter.join(quoted) + surplus + r"(?:\r\n?|\n)?"


def _inside_cells(header: Header) -> Iterator[str]:
    for index in range(len(header.columns)):
        if index == header.serial_number:
            yield "[0-9]{1,15}+"
        elif index == header.product_name:
            yield _name(_mark(index), header.delimiter)
        elif index == header.image_urls[0]:
            yield _addresses(_mark(index), header.delimiter)
        elif index in header.image_urls:
            yield f"(?:{_addresses(_mark(index), header.delimiter)})?"
        else:
            yield _text(_mark(index), header.delimiter)


def _mark(index: int) -> int:
    """The number of the group that holds the cell's quotation mark."""
    return 1 + 2 * index


def _name(mark: int, delimiter: Delimiter) -> str:
    quoted, bare = _NOT_IN_TEXT, _NOT_IN_TEXT + delimiter
    return rf"(?({mark})[^\s{quoted}][^{quoted}]*+|[^\s{bare}][^{bare}]*+)"


def _text(mark: int, delimiter: Delimiter) -> str:
    return rf"(?({mark})[^{_NOT_IN_TEXT}]*+|[^{_NOT_IN_TEXT}{delimiter}]*+)"


def _addresses(mark: int, delimiter: Delimiter) -> str:
    """Several, where the comma between them does not end the cell."""
    return f"{_ADDRESS}(?({mark}){_FURTHER})" if delimiter is Delimiter.COMMA else _ADDRESS + _FURTHER
