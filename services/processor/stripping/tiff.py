"""Writes a TIFF file anew with its pages alone (pure): only tags that say how the pixels are stored, and the
pixels as they are coded. EXIF, GPS, descriptions, and every byte that belongs to no page stay behind. Pillow,
the only library here that writes TIFF, would code the pixels anew.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.processor.stripping.look import Look

_STRUCTURE = frozenset(
    {254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 282, 283, 284, 292, 293, 296, 317, 320}
    | {322, 323, 324, 325, 338, 339, 347, 530, 531, 532}
)
_PROFILE = 34675
_PIXELS = {273: 279, 324: 325}  # where the strips or tiles lie, and how long they are
_TYPE_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_SHORT, _LONG = 3, 4
_IN_ENTRY_BYTES = 4  # longer values lie elsewhere, and the entry says where
_CLASSIC = 42
_MOST_PAGES = 1000
_OLD_JPEG, _COMPRESSION = 6, 259  # its tables lie in tags of their own


class _Tag(NamedTuple):
    number: int
    kind: int
    values: bytes


@dataclass(frozen=True, slots=True)
class _Page:
    tags: Sequence[_Tag]
    pieces: Sequence[bytes]  # strips or tiles
    pieces_tag: int


def strip_tiff(data: bytes, look: Look) -> bytes | None:
    """None for what is no classic TIFF in the usual form."""
    order = "<" if data[:2] == b"II" else ">"
    stays = _STRUCTURE | {_PROFILE} if look.keeps_profile else _STRUCTURE
    try:
        magic, at = struct.unpack_from(f"{order}HI", data, 2)
        if magic != _CLASSIC:
            return None
        pages: list[_Page] = []
        while at and len(pages) < _MOST_PAGES:
            page, at = _read_page(data, order, at, stays)
            pages.append(page)
    except (struct.error, KeyError, ValueError):
        return None
    pixel_bytes = sum(len(piece) for page in pages for piece in page.pieces)
    if at or not pages or pixel_bytes > len(data):  # a circle, or the same bytes again and again
        return None
    return _written(pages, order)


def _read_page(data: bytes, order: str, at: int, stays: frozenset[int]) -> tuple[_Page, int]:
    (count,) = struct.unpack_from(f"{order}H", data, at)
    tags = {}
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        number, kind, length = struct.unpack_from(f"{order}HHI", data, entry)
        if number in stays:
            values = _values(data, order, entry, _TYPE_BYTES[kind] * length)
            tags[number] = _Tag(number, kind, values)
    (following,) = struct.unpack_from(f"{order}I", data, at + 2 + 12 * count)
    if _numbers(tags[_COMPRESSION], order) == (_OLD_JPEG,):
        raise ValueError("JPEG in its old form")
    (pieces_tag,) = tags.keys() & _PIXELS.keys()
    offsets, lengths = _numbers(tags[pieces_tag], order), _numbers(tags[_PIXELS[pieces_tag]], order)
    pieces = [data[start : start + length] for start, length in zip(offsets, lengths, strict=True)]
    if [len(piece) for piece in pieces] != list(lengths) or sum(lengths) > len(data):
        raise ValueError("cut off")
    return _Page([tags[number] for number in sorted(tags)], pieces, pieces_tag), following


def _values(data: bytes, order: str, entry: int, size: int) -> bytes:
    start = entry + 8
    if size > _IN_ENTRY_BYTES:
        (start,) = struct.unpack_from(f"{order}I", data, start)
    values = data[start : start + size]
    if len(values) != size:
        raise ValueError("cut off")
    return values


def _numbers(tag: _Tag, order: str) -> tuple[int, ...]:
    form = {_SHORT: "H", _LONG: "I"}[tag.kind]
    return struct.unpack(f"{order}{len(tag.values) // _TYPE_BYTES[tag.kind]}{form}", tag.values)


def _written(pages: Sequence[_Page], order: str) -> bytes:
    """Page after page: its table, its values, its pixels."""
    out = bytearray((b"II" if order == "<" else b"MM") + struct.pack(f"{order}HI", _CLASSIC, 8))
    for number, page in enumerate(pages):
        elsewhere = len(out) + 2 + 12 * len(page.tags) + 4
        places, pixels = _places(page, elsewhere)
        values = bytearray(pixels - elsewhere)
        out += struct.pack(f"{order}H", len(page.tags))
        for tag in page.tags:
            kind, content = _content(tag, page, pixels, order)
            out += struct.pack(f"{order}HHI", tag.number, kind, len(content) // _TYPE_BYTES[kind])
            if tag.number in places:
                place = places[tag.number]
                out += struct.pack(f"{order}I", place)
                values[place - elsewhere : place - elsewhere + len(content)] = content
            else:
                out += content.ljust(_IN_ENTRY_BYTES, b"\0")
        coded = b"".join(page.pieces)
        end = pixels + len(coded)
        is_last = number + 1 == len(pages)
        out += struct.pack(f"{order}I", 0 if is_last else _padded(end))
        out += values + coded + bytes(0 if is_last else _padded(end) - end)
    return bytes(out)


def _places(page: _Page, at: int) -> tuple[dict[int, int], int]:
    """Where the values lie that do not fit into the table, each at an even place, and where they end. Those
    of an odd length come last, so that next to no room is lost.
    """
    places = {}
    for tag in sorted(page.tags, key=lambda tag: _size(tag, page) % 2):
        size = _size(tag, page)
        if size > _IN_ENTRY_BYTES:
            at = _padded(at)
            places[tag.number] = at
            at += size
    return places, at


def _size(tag: _Tag, page: _Page) -> int:
    return 4 * len(page.pieces) if tag.number == page.pieces_tag else len(tag.values)


def _content(tag: _Tag, page: _Page, pixels: int, order: str) -> tuple[int, bytes]:
    if tag.number != page.pieces_tag:
        return tag.kind, tag.values
    offsets = []
    for piece in page.pieces:
        offsets.append(pixels)
        pixels += len(piece)
    return _LONG, struct.pack(f"{order}{len(offsets)}I", *offsets)


def _padded(size: int) -> int:
    """Tables and values begin at an even offset."""
    return size + size % 2
