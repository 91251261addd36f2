"""How many pixels an image file claims to have, from its header and without decoding anything (pure).

The decoder reads the same header and holds the file to it; here it only decides how many images are
decoded at once. What cannot be told counts as the most there may be.
"""

import re
from typing import Literal, assert_never

from services.processor.formats.jpeg_segments import segments
from services.processor.formats.line_ends import changed_as_text
from services.processor.formats.webp_chunks import MOVING, flags_of
from shared.contract.picture_formats import PictureFormat

ANIMATION_FACTOR = 2.5  # times the pixels of one picture
BYTES_PER_FRAME = 20  # no frame of a moving picture is smaller in the file
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}  # the last is JPEG-LS
_AVIF_SIZE = re.compile(rb"ispe")
_AVIF_MOVING = b"avis"  # a brand
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_SHORT = 3
_BMP_OS2_HEADER_BYTES = 12
_VP8_START = b"\x9d\x01\x2a"


def most_pixels(max_pixels: int) -> int:
    """Of one file, all its frames together."""
    return int(max_pixels * ANIMATION_FACTOR)


def claimed_pixels(data: bytes, picture_format: PictureFormat, most: int) -> int:
    """At least what decoding will hold at once, and no more than `most`."""
    if changed_as_text(data):
        return most
    try:
        width, height = _size(data, picture_format)
        moves = _moves(data, picture_format)
    except (IndexError, ValueError):
        return most
    frames = max(1, len(data) // BYTES_PER_FRAME) if moves else 1
    return min(width * height * frames, most) or most


def _moves(data: bytes, picture_format: PictureFormat) -> bool:
    match picture_format:
        case PictureFormat.GIF:
            return True
        case PictureFormat.WEBP:
            return bool(flags_of(data) & MOVING)
        case PictureFormat.AVIF:
            return _AVIF_MOVING in data[8 : int.from_bytes(data[:4], "big")]
        case PictureFormat.JPEG | PictureFormat.PNG | PictureFormat.BMP | PictureFormat.TIFF:
            return False
        case _:
            assert_never(picture_format)


def _size(data: bytes, picture_format: PictureFormat) -> tuple[int, int]:
    match picture_format:
        case PictureFormat.JPEG:
            size = _jpeg_size(data)
        case PictureFormat.PNG:
            size = _numbers(data[16:24], 4, "big")
        case PictureFormat.GIF:
            size = _numbers(data[6:10], 2, "little")
        case PictureFormat.BMP:
            size = _bmp_size(data)
        case PictureFormat.WEBP:
            size = _webp_size(data)
        case PictureFormat.AVIF:
            size = _avif_size(data)
        case PictureFormat.TIFF:
            size = _tiff_size(data)
        case _:
            assert_never(picture_format)
    return size


def _numbers(data: bytes, size: int, order: Literal["little", "big"]) -> tuple[int, int]:
    if len(data) != 2 * size:
        raise ValueError("cut off")
    return int.from_bytes(data[:size], order), int.from_bytes(data[size:], order)


def _jpeg_size(data: bytes) -> tuple[int, int]:
    at = frame_at(data)
    height, width = _numbers(data[at + 5 : at + 9], 2, "big")
    return width, height


def frame_at(data: bytes) -> int:
    """Where a JPEG's frame header begins; raises ValueError where there is none."""
    for segment in segments(data):
        if segment.marker in _FRAMES:
            return segment.start
    raise ValueError("no frame")


def _bmp_size(data: bytes) -> tuple[int, int]:
    is_old = data[14] == _BMP_OS2_HEADER_BYTES
    width, height = _numbers(data[18:22], 2, "little") if is_old else _numbers(data[18:26], 4, "little")
    return width, min(height, 2**32 - height)  # a negative height: from top to bottom


def _webp_size(data: bytes) -> tuple[int, int]:
    match data[12:16]:
        case b"VP8X":
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
        case b"VP8L":
            bits = int.from_bytes(data[21:25], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8 " if data[23:26] == _VP8_START:
            width, height = _numbers(data[26:30], 2, "little")
            return width & 0x3FFF, height & 0x3FFF
    raise ValueError("no WebP")


def _avif_size(data: bytes) -> tuple[int, int]:
    """The largest of all items: thumbnails and tiles have sizes of their own."""
    sizes = [_numbers(data[at.end() + 4 : at.end() + 12], 4, "big") for at in _AVIF_SIZE.finditer(data)]
    return max(sizes, key=lambda size: size[0] * size[1])


def _tiff_size(data: bytes) -> tuple[int, int]:
    """Pages are decoded one at a time; where there are several, the largest is not looked for."""
    order: Literal["little", "big"] = "little" if data[:2] == b"II" else "big"
    start = int.from_bytes(data[4:8], order)
    count = int.from_bytes(data[start : start + 2], order)
    sizes = {}
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag, kind = _numbers(data[at : at + 4], 2, order)
        if tag in (_TIFF_WIDTH, _TIFF_HEIGHT):
            length = 2 if kind == _TIFF_SHORT else 4
            sizes[tag] = int.from_bytes(data[at + 8 : at + 8 + length], order)
    next_page = data[start + 2 + 12 * count : start + 6 + 12 * count]
    if sizes.keys() != {_TIFF_WIDTH, _TIFF_HEIGHT} or next_page != bytes(4):
        raise ValueError("no size, or several")
    return sizes[_TIFF_WIDTH], sizes[_TIFF_HEIGHT]
