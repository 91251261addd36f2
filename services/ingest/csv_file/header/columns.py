"""What is known of a file by its header: its delimiter, and which columns are the needed ones (pure)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from services.ingest.csv_file.header.column_names import CERTAIN, IDENTIFIERS, NeededColumn, bare, plain
from services.ingest.csv_file.header.image_names import ImageKind, image_column
from shared.contract.csv_files import MARK_COLUMNS


class Delimiter(StrEnum):
    COMMA = ","
    SEMICOLON = ";"
    TAB = "\t"
    PIPE = "|"

    @property
    def word(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The columns as they were spelled, and the indexes of the needed ones among them."""

    delimiter: Delimiter
    columns: tuple[str, ...]
    serial_number: int | None  # None: the rows are numbered in their order
    product_name: int | None  # None: the names are those of the images' files
    image_urls: tuple[int, ...]  # in the order in which the images are meant
    no_images: tuple[int, ...] = field(default=(), compare=False)  # named as such, and without an address
    in_words: tuple[int, ...] = field(default=(), compare=False)  # of these: others are read in their place
    in_part: tuple[int, ...] = field(default=(), compare=False)  # by some cells alone: left out
    beside: tuple[int, ...] = field(default=(), compare=False)  # by where their addresses lead: left out
    file_name: tuple[int, str] | None = field(
        default=None, compare=False
    )  # where only another column has any
    group: int | None = None  # what rows of one product have in common
    unnamed: int = 0  # cells of the header's row behind its last name: a spreadsheet writes all rows as wide
    row: int = 1  # of the file
    title_rows: int = 0  # above it, left out
    said: frozenset[NeededColumn] = field(default=frozenset(), compare=False)  # by the caller, of these

    def name(self, index: int) -> str:
        """As people are told it."""
        return self.columns[index].strip()

    @property
    def is_marked(self) -> bool:
        """Whether we wrote our marks into the file, and a space before each formula."""
        return self.columns[-len(MARK_COLUMNS) :] == MARK_COLUMNS

    @property
    def last_image(self) -> int:
        """The column behind which image URLs may run over."""
        return max(self.image_urls)

    @property
    def is_export(self) -> bool:
        """Whether this is what a shop's program wrote and no list of products that have a serial number each:
        then its rows may lack what every row of a list must have.
        """
        if self.serial_number is None or self.product_name is None:
            return True
        return bare(self.columns[self.serial_number]) in IDENTIFIERS

    @property
    def is_our_own(self) -> bool:
        """Whether it is spelled as our own template: then nothing is read into it."""
        image = image_column(self.columns[self.image_urls[0]])
        return not self.is_export and image is not None and image.kind is ImageKind.INPUT

    def taken(self) -> Mapping[NeededColumn, Sequence[str]]:
        """The columns that we took for the needed ones, as they were spelled."""
        return {
            NeededColumn.SERIAL_NUMBER: self._names(self.serial_number),
            NeededColumn.PRODUCT_NAME: self._names(self.product_name),
            NeededColumn.IMAGE_URLS: self._names(*self.image_urls),
        }

    def repeated(self) -> list[str]:
        """The columns of which one is needed and whose name occurs again: the first was taken."""
        names = [plain(column) for column in self.columns]
        one_each = self._names(self.serial_number, self.product_name)
        return [name for name in one_each if names.count(plain(name)) > 1]

    def guessed(self) -> Mapping[NeededColumn, Sequence[str]]:
        """The columns that we took for a needed one although they are named otherwise, or are several, and
        nobody said so.
        """
        return {
            needed: names
            for needed, names in self.taken().items()
            if needed not in self.said and not (_is_certain(needed, names) and not self.left_out(needed))
        }

    def partly_images(self) -> Sequence[str]:
        """The columns that hold images by some of their cells, and neither by all nor by their names."""
        return self._names(*self.in_part)

    def beside_images(self) -> Sequence[str]:
        """The columns that nothing tells of but their addresses, which lie where those of images do."""
        return self._names(*self.beside)

    def left_out(self, needed: NeededColumn) -> Sequence[str]:
        """The columns that by their names should be this one, too, and by their first rows are not."""
        return self._names(*self.no_images) if needed is NeededColumn.IMAGE_URLS else []

    def _names(self, *indexes: int | None) -> list[str]:
        return [self.name(index) for index in indexes if index is not None]


def _is_certain(needed: NeededColumn, names: Sequence[str]) -> bool:
    """Whether there is nothing to be said of it, or nothing there."""
    return not names or (len(names) == 1 and plain(names[0]) in CERTAIN[needed])


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingColumns:
    """No delimiter makes a header of the first row. This is the best reading of it."""

    delimiter: Delimiter
    columns: tuple[str, ...]
    missing: tuple[NeededColumn, ...]
    not_there: tuple[str, ...] = ()  # of the columns that the caller named
    has_addresses: bool = True  # the first rows, if there are any
