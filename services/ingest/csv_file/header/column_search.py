"""Finds the needed columns of a header: by their names, by their cells, or as the caller says (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from services.ingest.csv_file.header.column_choice import ColumnChoice
from services.ingest.csv_file.header.column_names import (
    CODES_TOO,
    GROUPS,
    IDENTIFIERS,
    SPELLINGS,
    STAND_INS,
    VERY_NEAR,
    NeededColumn,
    bare,
    is_title,
    nearest_column,
    plain,
)
from services.ingest.csv_file.header.columns import Delimiter, Header, MissingColumns
from services.ingest.csv_file.header.image_names import ImageKind, image_column
from services.ingest.csv_file.header.image_search import FoundImages, ImageSearch
from services.ingest.csv_file.header.sample import Sample
from services.ingest.csv_file.image_urls.cell import begins_address, ends_with_image_file, names_image_file
from services.ingest.csv_file.serial_numbers import WHOLE_NUMBER

# How the code of an article begins: with a letter, also behind digits and a space, or with a dash or a slash
# between digits. "Nr. 3" and 1E+12 are none: of these it is told which number to write.
_CODE = re.compile(
    r"(?!(?i:no|nr|num|number|nummer)[.:\s]*\d+\W*$)(?:[\w-]*[^\W\d_](?!\+)|\d+ [^\W\d_]|\d+[-/]\d)"
)
NO_NAME = "-"  # of a column that is out of the question


class Certainty(IntEnum):
    """How much of a header was found: the surest reading of a file's first rows is taken."""

    IMAGES = 1  # nothing else; then addresses stand below them
    TWO_OF_THREE = 2
    ALL_THREE = 3


@dataclass(frozen=True, slots=True)
class ColumnSearch:
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
        images = self._images(serial_number, identifier, product_name)
        if not_there or self._lacks(serial_number, identifier, product_name, images.columns):
            number = identifier if serial_number is None else serial_number
            return MissingColumns(
                delimiter=self.delimiter,
                columns=self.columns,
                missing=_missing(number, product_name, images.columns),
                not_there=not_there,
                has_addresses=self._has_addresses(),
            )
        header = Header(
            delimiter=self.delimiter,
            columns=self.columns,
            serial_number=serial_number if identifier is None else self._if_whole(identifier),
            product_name=product_name,
            image_urls=images.columns,
            no_images=images.no_images,
            in_words=images.in_words,
            in_part=images.in_part,
            beside=images.beside,
            file_name=next(((index, self.sample.filled(index)[0]) for index in images.file_names), None),
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
        others = [
            column
            for index, column in enumerate(self.columns)
            if index not in (serial_number, identifier, product_name)
        ]
        return nearest_column(needed, others, VERY_NEAR) is not None

    def _has_addresses(self) -> bool:
        """Also such as are not written in full."""
        cells = [cell for index in range(len(self.columns)) for cell in self.sample.filled(index)]
        return not cells or any(map(_is_meant_for_address, cells))

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

    def _images(self, *taken: int | None) -> FoundImages:
        if not self.choice.image_urls:
            return ImageSearch(self.columns, self.sample, taken).found()
        said = (index for name in self.choice.image_urls for index in self._said(name))
        return FoundImages(tuple(dict.fromkeys(said)))

    def _said(self, name: str) -> list[int]:
        """The columns of this name: exactly, else but for case, spaces and the like."""
        exactly = [index for index, column in enumerate(self.columns) if column.strip() == name.strip()]
        nearly = [index for index, column in enumerate(self._plain()) if column == plain(name)]
        return exactly or nearly

    def _plain(self) -> list[str]:
        return [plain(column) for column in self.columns]


def _missing(number: int | None, product_name: int | None, images: Sequence[int]) -> tuple[NeededColumn, ...]:
    """What must be added: beside a name or a number only images must."""
    found = (number is not None, product_name is not None, bool(images))
    if not images and any(found):
        return (NeededColumn.IMAGE_URLS,)
    return tuple(each for each, is_there in zip(NeededColumn, found, strict=True) if not is_there)


def _first(spellings: Sequence[str], names: Sequence[str]) -> int | None:
    return next((names.index(spelling) for spelling in spellings if spelling in names), None)


def _is_meant_for_address(cell: str) -> bool:
    return "://" in cell or "www." in cell.lower() or names_image_file(cell) or ends_with_image_file(cell)


def _is_our_own(name: str) -> bool:
    image = image_column(name)
    return image is not None and image.kind is ImageKind.INPUT
