"""How much of a picture that breaks off was there, in words for people (pure). It is asked only of damaged
files.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress

from PIL import Image, ImageChops

from services.processor.codec.scans import scans_of
from services.processor.codec.source import reading
from services.processor.formats.png_chunks import chunks
from services.processor.verdicts import Unreadable
from shared.contract.codes import BREAKS_OFF
from shared.contract.picture_formats import PictureFormat

_END_OF_JPEG = b"\xff\xd9"
_UNTOUCHED = 77  # a grey that no decoder leaves over a whole line
_PNG_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PNG_PASSES = (  # of an interlaced one: first row, first column, rows and columns from one to the next
    *((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4)),
    *((2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)),
)
_PIECE_BYTES = 1 << 16


def extent(data: bytes, picture_format: PictureFormat, max_pixels: int) -> str | None:
    """None where it does not break off, or where that cannot be told."""
    match picture_format:
        case PictureFormat.JPEG:
            return _jpeg_extent(data, max_pixels)
        case PictureFormat.PNG:
            return _png_extent(data, max_pixels)
        case _:
            return None


def _jpeg_extent(data: bytes, max_pixels: int) -> str | None:
    scans = scans_of(data)
    if scans is None or scans.count == 0:
        return None
    if scans.are_several:
        return f"{BREAKS_OFF} in pass {scans.count} of several, which go from coarse to fine"
    try:
        with reading():
            lines, height = _lines_of_jpeg(data.removesuffix(_END_OF_JPEG), max_pixels)
    except Unreadable:
        return None
    return _share(lines, height, "lines") if lines < height else None


def _lines_of_jpeg(data: bytes, max_pixels: int) -> tuple[int, int]:
    """How many lines are decoded before the file ends, and how many there should be."""
    with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
        if image.width * image.height > max_pixels:
            return image.height, image.height
        untouched = Image.new(image.mode, image.size, (_UNTOUCHED,) * len(image.getbands()))
        image.im = untouched.im.copy()
        with suppress(OSError):
            image.load()
        image.tile = []  # what there is, is read
        box = ImageChops.difference(image, untouched).getbbox(alpha_only=False)
        return box[3] if box else 0, image.height


def _png_extent(data: bytes, max_pixels: int) -> str | None:
    try:
        width, height, depth, kind, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
        bits = depth * _PNG_SAMPLES[kind]
    except (struct.error, KeyError):
        return None
    if width * height > max_pixels:
        return None
    passes = [(width, height)] if not interlaced else _sizes_of_passes(width, height)
    whole = sum((1 + (columns * bits + 7) // 8) * rows for columns, rows in passes)
    there = _inflated_bytes(data, whole)
    if there >= whole:
        return None
    return _share(there * height // whole, height, "pixels" if interlaced else "lines")


def _sizes_of_passes(width: int, height: int) -> list[tuple[int, int]]:
    sizes = (
        ((width - left + across - 1) // across, (height - top + down - 1) // down)
        for left, top, across, down in _PNG_PASSES
    )
    return [(columns, rows) for columns, rows in sizes if columns > 0 and rows > 0]


def _inflated_bytes(data: bytes, most: int) -> int:
    inflating = zlib.decompressobj()
    there = 0
    with suppress(zlib.error):
        for piece in _png_pixels(data):
            waiting = piece
            while waiting and there < most:
                there += len(inflating.decompress(waiting, _PIECE_BYTES))
                waiting = inflating.unconsumed_tail
    return there


def _png_pixels(data: bytes) -> Iterator[bytes]:
    """In small pieces: what inflates to more than is taken at a time is copied each time."""
    for chunk in chunks(data):
        if chunk.kind == b"IDAT":
            body = chunk.body
            end = min(body.stop, len(data))
            yield from (data[at : min(at + _PIECE_BYTES, end)] for at in range(body.start, end, _PIECE_BYTES))


def _share(there: int, whole: int, of_what: str) -> str:
    percent = 100 * there // whole
    how_much = f"only the first {percent} %" if percent else "less than 1 %"
    return f"{BREAKS_OFF}: {how_much} of its {of_what} were there"
