"""Finds the needed columns of a header: by their names, by their cells, or as the caller says (pure)."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from services.ingest.csv_file.header.column_choice import ColumnChoice
from services.ingest.csv_file.header.column_names import (
    CODES_TOO,
    GROUPS,
    IDENTIFIERS,
    NEAR,
    OUTPUT,
    SPELLINGS,
    STAND_INS,
    VERY_NEAR,
    ImageKind,
    NeededColumn,
    bare,
    image_column,
    image_columns,
    is_title,
    nearest_column,
    plain,
)
from services.ingest.csv_file.header.columns import Delimiter, Header, MissingColumns
from services.ingest.csv_file.header.sample import Sample
from services.ingest.csv_file.image_urls.cell import begins_address, is_image_address
from services.ingest.csv_file.image_urls.hints import is_placeholder
from services.ingest.csv_file.serial_numbers import WHOLE_NUMBER

# Of an article, whatever stands behind; no "Nr. 3" or 1E+12, of which it is told what to write.
_CODE = re.compile(r"(?!(?i:no|nr|num|number|nummer)[.:\s]*\d+\W*$)(?:[\w-]*[^\W\d_](?!\+)|\d+-\d)")
NO_NAME = "-"  # of a column that is out of the question
_LIKE_A_FILE = re.compile(r"[/\\]\w\w|\w\w[/\\]|\.\w")
_LIKE_AN_ADDRESS = ("://", "//", "www.", "http")


class Certainty(IntEnum):
    """How much of a header was found: the surest reading of a file's first rows is taken."""

    IMAGES = 1  # nothing else; then addresses stand below them
    TWO_OF_THREE = 2
    ALL_THREE = 3


@dataclass(frozen=True, slots=True)
class ToldColumns:
    """The columns of one reading, and what each of them is."""

    columns: tuple[str, ...]
    delimiter: Delimiter
    choice: ColumnChoice
    sample: Sample
    unnamed: int = 0

    def header(self) -> tuple[Header, Certainty] | MissingColumns:
        not_there = tuple(name for name in self.choice.names if not self._said(name))
        product_name = self._product_name()
        serial_number = self._serial_number()
        identifier = self._identifier() if serial_number is None else None
        images = self._images()
        if not images or self._may_be_pages(images):
            images = self._of_image_addresses(serial_number, identifier, product_name) or images
        named = images
        images = self._with_unnamed(named, serial_number, identifier, product_name)
        if not_there or self._lacks(serial_number, identifier, product_name, images):
            number = identifier if serial_number is None else serial_number
            missing = _missing(number, product_name, images)
            return MissingColumns(self.delimiter, self.columns, missing, not_there)
        header = Header(
            delimiter=self.delimiter,
            columns=self.columns,
            serial_number=serial_number if identifier is None else self._if_whole(identifier),
            product_name=product_name,
            image_urls=images,
            no_images=self._no_images(images),
            in_words=tuple(index for index in named if index not in images),
            in_part=self._in_part(images, serial_number, identifier, product_name),
            group=_first(GROUPS, self._plain()),
            unnamed=self.unnamed,
            said=self.choice.said,
        )
        beside = (serial_number is not None or identifier is not None) + (product_name is not None)
        return header, Certainty(Certainty.IMAGES + beside)

    def _lacks(
        self,
        serial_number: int | None,
        identifier: int | None,
        product_name: int | None,
        images: Sequence[int],
    ) -> bool:
        """Whether too little is there to say what is meant."""
        if not images:
            return True
        has_number = serial_number is not None or identifier is not None
        if has_number and product_name is not None:
            return False
        if any(map(begins_address, self.columns)):  # a product
            return True
        if product_name is None and not self.choice.names and _is_our_own(self.columns[images[0]]):
            return True  # our own template names its products
        if not has_number and product_name is None:
            return not any(begins_address(cell) for index in images for cell in self.sample.filled(index))
        needed = NeededColumn.PRODUCT_NAME if has_number else NeededColumn.SERIAL_NUMBER
        return self._nearest(needed, VERY_NEAR) is not None

    def _product_name(self) -> int | None:
        if self.choice.product_name is not None:
            return next(iter(self._said(self.choice.product_name)), None)
        title = next((index for index, column in enumerate(self.columns) if is_title(column)), None)
        for spelling, index in self._spelled(NeededColumn.PRODUCT_NAME):
            return title if spelling in STAND_INS and title is not None else index
        return title

    def _serial_number(self) -> int | None:
        if self.choice.serial_number is not None:
            return next(iter(self._said(self.choice.serial_number)), None)
        for spelling, index in self._spelled(NeededColumn.SERIAL_NUMBER):
            if spelling not in CODES_TOO or not self._holds_codes(index):
                return index
        return None

    def _spelled(self, needed: NeededColumn) -> Iterator[tuple[str, int]]:
        """The columns that are named so, by the order of the spellings."""
        names, bare_names = self._plain(), [bare(column) for column in self.columns]
        for spelling in SPELLINGS[needed]:
            if spelling in names:
                yield spelling, names.index(spelling)
            elif spelling in bare_names:
                yield spelling, bare_names.index(spelling)

    def _holds_codes(self, index: int) -> bool:
        cells = self.sample.filled(index)
        return 2 * sum(_CODE.match(cell) is not None for cell in cells) > len(cells)

    def _identifier(self) -> int | None:
        names = [bare(column) or NO_NAME for column in self.columns]
        if names[:1] == [NO_NAME] and self.sample.filled(0) and self._if_whole(0) is not None:
            names[0] = ""  # an index stands first
        return _first((*IDENTIFIERS, *CODES_TOO), names)

    def _if_whole(self, index: int) -> int | None:
        cells = self.sample.filled(index)
        whole = sum(WHOLE_NUMBER.fullmatch(cell) is not None for cell in cells)
        return index if whole * 2 >= len(cells) else None  # the others are a total, or a slip

    def _images(self) -> tuple[int, ...]:
        if self.choice.image_urls:
            return tuple(
                dict.fromkeys(index for name in self.choice.image_urls for index in self._said(name))
            )
        images = image_columns(self.columns)
        return images if len(images) < 2 else self._of_addresses(images)  # noqa: PLR2004

    def _no_images(self, images: Sequence[int]) -> tuple[int, ...]:
        if self.choice.image_urls:
            return ()
        others = (index for index in image_columns(self.columns) if index not in images)
        return tuple(index for index in others if self._kind(index) is not ImageKind.PLAIN_URL)

    def _may_be_pages(self, images: Sequence[int]) -> bool:
        """Whether only their name, URL, says that they hold images."""
        if not all(self._kind(index) is ImageKind.PLAIN_URL for index in images):
            return False
        return not any(is_image_address(cell) for index in images for cell in self.sample.filled(index))

    def _of_addresses(self, images: tuple[int, ...]) -> tuple[int, ...]:
        """Without columns that hold something else, as the names of files, where others hold addresses."""
        with_addresses = {_stem(self.columns[index]) for index in images if self._has(index, "://")}
        return tuple(
            index
            for index in images
            if not with_addresses
            or _stem(self.columns[index]) in with_addresses
            or self._has(index, *_LIKE_AN_ADDRESS)
            or not self.sample.filled(index)
        )

    def _of_image_addresses(self, *taken: int | None) -> tuple[int, ...]:
        """Columns of which no name tells, but each cell: it holds addresses of images' files. That this is a
        header is told by another column's name, or by there being nothing but names.
        """
        if self.choice.image_urls or any(map(begins_address, self.columns)):
            return ()
        if not any(index is not None for index in taken) and not all(map(_is_name, self._used())):
            return ()
        others = (index for index in range(len(self.columns)) if index not in taken)
        images = tuple(index for index in others if self._holds_images(index))
        is_misspelt = images and self._nearest(NeededColumn.IMAGE_URLS, NEAR) is not None
        return () if is_misspelt else images

    def _with_unnamed(self, images: Sequence[int], *taken: int | None) -> tuple[int, ...]:
        """Besides these; or in place of those with words, where none of these tells where an image lies."""
        unnamed = self._unnamed_beside(images, *taken)
        if unnamed and self._tell_of_no_file(images):
            images = [index for index in images if all(map(is_placeholder, self.sample.filled(index)))]
        return (*images, *unnamed)

    def _tell_of_no_file(self, images: Sequence[int]) -> bool:
        """By blanks or words: `yes`, `Front view`, #VALUE!, as Excel has it for a picture."""
        return not any(_LIKE_A_FILE.search(cell) for index in images for cell in self.sample.filled(index))

    def _unnamed_beside(self, images: Sequence[int], *taken: int | None) -> tuple[int, ...]:
        """Besides columns that are named as images, those of which each cell tells, and one called URL only
        where the named ones tell of none; but in rows that run over addresses stand below any name.
        """
        kinds = {self._kind(index) for index in images}
        if self.choice.image_urls or kinds != {ImageKind.IMAGE} or self.sample.is_wider(len(self.columns)):
            return ()
        others = (index for index in range(len(self.columns)) if index not in (*taken, *images))
        meant = {None, ImageKind.PLAIN_URL} if self._tell_of_no_file(images) else {None}
        return tuple(index for index in others if self._kind(index) in meant and self._holds_images(index))

    def _in_part(self, images: Sequence[int], *taken: int | None) -> tuple[int, ...]:
        """Those that `_unnamed_beside` and `_of_image_addresses` pass over although they may be meant."""
        kinds = {self._kind(index) for index in images} - {None}
        if self.choice.image_urls or kinds - {ImageKind.IMAGE} or self.sample.is_wider(len(self.columns)):
            return ()
        others = (index for index in range(len(self.columns)) if index not in (*taken, *images))
        unnamed = (index for index in others if self._kind(index) is None)
        return tuple(index for index in unnamed if self._holds_images(index, any))

    def _kind(self, index: int) -> ImageKind | None:
        image = image_column(self.columns[index])
        return None if image is None else image.kind

    def _holds_images(self, index: int, of_cells: Callable[[Iterable[bool]], bool] = all) -> bool:
        cells = self.sample.filled(index)
        if not cells or plain(self.columns[index]).startswith(OUTPUT):
            return False
        return of_cells(map(is_image_address, cells))

    def _has(self, index: int, *parts: str) -> bool:
        return any(part in cell.lower() for cell in self.sample.filled(index) for part in parts)

    def _said(self, name: str) -> list[int]:
        """The columns of this name: exactly, else but for case, spaces and the like."""
        exactly = [index for index, column in enumerate(self.columns) if column.strip() == name.strip()]
        nearly = [index for index, column in enumerate(self._plain()) if column == plain(name)]
        return exactly or nearly

    def _nearest(self, needed: NeededColumn, nearness: float) -> str | None:
        return nearest_column(needed, self.columns, nearness)

    def _used(self) -> list[str]:
        """All but those that are empty down from their name, as before and behind the bars of Markdown."""
        columns = enumerate(self.columns)
        return [column for index, column in columns if column.strip() or self.sample.filled(index)]

    def _plain(self) -> list[str]:
        return [plain(column) for column in self.columns]


def _is_name(column: str) -> bool:
    is_one = not set(column) & set("".join(Delimiter))
    return is_one and any(map(str.isalpha, column)) and not is_placeholder(column.strip())


def _missing(number: int | None, product_name: int | None, images: Sequence[int]) -> tuple[NeededColumn, ...]:
    """What must be added: beside a name or a number only images must."""
    found = (number is not None, product_name is not None, bool(images))
    if not images and any(found):
        return (NeededColumn.IMAGE_URLS,)
    return tuple(each for each, is_there in zip(NeededColumn, found, strict=True) if not is_there)


def _first(spellings: Sequence[str], names: Sequence[str]) -> int | None:
    return next((names.index(spelling) for spelling in spellings if spelling in names), None)


def _stem(name: str) -> str:
    image = image_column(name)
    return "" if image is None else image.stem


def _is_our_own(name: str) -> bool:
    image = image_column(name)
    return image is not None and image.kind is ImageKind.INPUT
