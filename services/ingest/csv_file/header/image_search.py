"""Finds the columns of a header that hold images: by their names, and by their cells where no name tells
(pure).
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.ingest.csv_file.header.column_names import (
    NEAR,
    OUTPUT,
    NeededColumn,
    bare,
    holds_pages,
    nearest_column,
    plain,
)
from services.ingest.csv_file.header.columns import Delimiter
from services.ingest.csv_file.header.image_names import ImageKind, image_column, image_columns
from services.ingest.csv_file.header.sample import Sample
from services.ingest.csv_file.image_urls.cell import begins_address, ends_with_image_file, is_image_address
from services.ingest.csv_file.image_urls.endings import IMAGE_ENDING
from services.ingest.csv_file.image_urls.hints import is_placeholder

_NUMBER = re.compile(r"\d+")
_LIKE_A_FILE = re.compile(r"[/\\]\w\w|\w\w[/\\]|\.\w")
_LIKE_AN_ADDRESS = ("://", "//", "www.", "http")
_ENDS_ADDRESS = re.compile(r"[\s,;|?#]")
_FOLDER = re.compile(r"https?://[^/]+/.+/", re.IGNORECASE)  # below the host
_OTHER_ENDING = re.compile(rf"(?!{IMAGE_ENDING}\Z)\.[a-z][a-z0-9]{{1,4}}\Z", re.IGNORECASE)


class _Place(NamedTuple):
    """Where an address leads, and to what: beside images a data sheet may lie."""

    folder: str  # empty where there is only a host
    ending: str  # of a file that is no image's


class FoundImages(NamedTuple):
    columns: tuple[int, ...] = ()  # in the order in which the images are meant
    no_images: tuple[int, ...] = ()  # named as such, and without an address
    in_words: tuple[int, ...] = ()  # of these: others are read in their place
    in_part: tuple[int, ...] = ()  # by some cells alone: left out
    beside: tuple[int, ...] = ()  # by where their addresses lead alone: left out
    file_names: tuple[int, ...] = ()  # these hold them, where the first rows of those are empty


@dataclass(frozen=True, slots=True)
class ImageSearch:
    """The columns of one reading, of which the caller names none as images."""

    columns: tuple[str, ...]
    sample: Sample
    taken: tuple[int | None, ...]  # for the rows' numbers and names

    def found(self) -> FoundImages:
        named = self._named()
        images = self._with_siblings(self._with_unnamed(named))
        file_names = () if any(map(self.sample.filled, images)) else self._of_file_names()
        images = images or file_names
        if not images:
            return FoundImages()
        in_words = tuple(index for index in named if index not in images)
        in_part = self._in_part(images)
        return FoundImages(
            columns=images,
            no_images=self._no_images(images),
            in_words=in_words,
            in_part=in_part,
            beside=self._beside((*images, *in_part)),
            file_names=file_names,
        )

    def _named(self) -> tuple[int, ...]:
        images = image_columns(self.columns)
        if len(images) > 1:
            images = self._of_addresses(images)
        if not images or self._may_be_pages(images):
            images = self._of_image_addresses() or images
        return images

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

    def _may_be_pages(self, images: Sequence[int]) -> bool:
        """Whether only their name, URL, says that they hold images."""
        if not all(self._kind(index) is ImageKind.PLAIN_URL for index in images):
            return False
        return not any(is_image_address(cell) for index in images for cell in self.sample.filled(index))

    def _of_image_addresses(self) -> tuple[int, ...]:
        """Columns of which no name tells, but each cell: it holds addresses of images' files. That this is a
        header is told by another column's name, or by there being nothing but names.
        """
        if any(map(begins_address, self.columns)):
            return ()
        if not any(index is not None for index in self.taken) and not all(map(_is_name, self._used())):
            return ()
        others = (index for index in range(len(self.columns)) if index not in self.taken)
        images = tuple(index for index in others if self._holds_images(index))
        is_misspelt = images and nearest_column(NeededColumn.IMAGE_URLS, self.columns, NEAR) is not None
        return () if is_misspelt else images

    def _used(self) -> list[str]:
        """All but those that are empty down from their name, as before and behind the bars of Markdown."""
        columns = enumerate(self.columns)
        return [column for index, column in columns if column.strip() or self.sample.filled(index)]

    def _with_unnamed(self, images: Sequence[int]) -> tuple[int, ...]:
        """Besides these; or in place of those with words, where none of these tells where an image lies."""
        unnamed = self._unnamed_beside(images)
        if unnamed and self._tell_of_no_file(images):
            images = [index for index in images if all(map(is_placeholder, self.sample.filled(index)))]
        return (*images, *unnamed)

    def _with_siblings(self, images: tuple[int, ...]) -> tuple[int, ...]:
        """And columns that are empty in the first rows, and but for a number named as one of which each cell
        tells: few products have so many images. None where the number is of columns, as in `Field 3`: then
        others of that name hold something else.
        """
        names = [_but_for_numbers(column) for column in self.columns]
        told = [index for index in images if self._kind(index) is None]
        filled = (index for index in range(len(names)) if self.sample.filled(index))
        others = {names[index] for index in filled if index not in told}
        alike = {names[index] for index in told} - others - {None}
        further = [
            index
            for index in self._others(images, {None})
            if names[index] in alike and not self.sample.filled(index)
        ]
        if not further:
            return images
        named = (index for index in images if index not in told)
        return (*named, *sorted((*told, *further)))

    def _of_file_names(self) -> tuple[int, ...]:
        """Where nothing else is: of OpenCart's `image_name`, which holds paths, it is told what they lack."""
        return tuple(
            index
            for index, column in enumerate(self.columns)
            if index not in self.taken
            and _names_files(column)
            and (cells := self.sample.filled(index))
            and all(map(ends_with_image_file, cells))
        )

    def _tell_of_no_file(self, images: Sequence[int]) -> bool:
        """By blanks or words: `yes`, `Front view`, #VALUE!, as Excel has it for a picture."""
        return not any(_LIKE_A_FILE.search(cell) for index in images for cell in self.sample.filled(index))

    def _unnamed_beside(self, images: Sequence[int]) -> tuple[int, ...]:
        """Besides columns that are named as images, those of which each cell tells, and one called URL only
        where the named ones tell of none.
        """
        if {self._kind(index) for index in images} != {ImageKind.IMAGE}:
            return ()
        meant = {None, ImageKind.PLAIN_URL} if self._tell_of_no_file(images) else {None}
        return tuple(filter(self._holds_images, self._others(images, meant)))

    def _no_images(self, images: Sequence[int]) -> tuple[int, ...]:
        others = (index for index in image_columns(self.columns) if index not in images)
        return tuple(index for index in others if self._kind(index) is not ImageKind.PLAIN_URL)

    def _in_part(self, images: Sequence[int]) -> tuple[int, ...]:
        """Those that `_unnamed_beside` and `_of_image_addresses` pass over although they may be meant."""
        if {self._kind(index) for index in images} - {None, ImageKind.IMAGE}:
            return ()
        return tuple(index for index in self._others(images, {None}) if self._holds_images(index, any))

    def _beside(self, images: Sequence[int]) -> tuple[int, ...]:
        """Those whose addresses lie in one folder with addresses of images that end in no file's name: there
        nothing else can tell of an image.
        """
        cells = (cell for index in images for cell in self.sample.filled(index))
        of_images = {_place(cell) for cell in cells if not is_image_address(cell)}
        places = {place for place in of_images if place is not None and place.folder}
        if not places:
            return ()
        return tuple(
            index
            for index in self._others(images, {None})
            if not holds_pages(self.columns[index])
            and not plain(self.columns[index]).startswith(OUTPUT)
            and (found := {_place(cell) for cell in self.sample.filled(index)} - {None})
            and found <= places
        )

    def _others(self, images: Sequence[int], kinds: Collection[ImageKind | None]) -> Iterator[int]:
        """The further columns of these kinds. None where rows run over: there an address may stand below any
        name.
        """
        if self.sample.is_wider(len(self.columns)):
            return
        for index in range(len(self.columns)):
            if index not in (*self.taken, *images) and self._kind(index) in kinds:
                yield index

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


def _place(cell: str) -> _Place | None:
    """Of the first address of the cell; None where it begins with none."""
    if not begins_address(cell):
        return None
    address = _ENDS_ADDRESS.split(cell, maxsplit=1)[0]
    folder, ending = _FOLDER.match(address), _OTHER_ENDING.search(address)
    return _Place(folder[0] if folder else "", ending[0].lower() if ending else "")


def _is_name(column: str) -> bool:
    is_one = not set(column) & set("".join(Delimiter))
    return is_one and any(map(str.isalpha, column)) and not is_placeholder(column.strip())


def _names_files(column: str) -> bool:
    name = bare(column)
    image = image_column(name.removesuffix("name")) if name.endswith("name") else None
    return image is not None and image.kind is ImageKind.IMAGE


def _but_for_numbers(name: str) -> str | None:
    """None where there are none."""
    text, numbers = _NUMBER.subn("#", plain(name))
    return text if numbers else None


def _stem(name: str) -> str:
    image = image_column(name)
    return "" if image is None else image.stem
