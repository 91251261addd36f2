"""Removes the metadata of an image file without touching its pixels (pure).

Each function returns None where the file's structure is not what it expects: then nothing is promised.
By hand, because Pillow only writes pixels that it codes anew, and piexif knows EXIF alone.
"""

import re
from typing import assert_never

from services.processor.stripping.avif import strip_avif
from services.processor.stripping.tiff import strip_tiff
from shared.contract.picture_formats import PictureFormat

_NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # in entropy-coded data: neither stuffing nor restart
_JPEG_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_FILL, _JPEG_SOS, _JPEG_EOI, _JPEG_APP0 = 0xFF, 0xDA, 0xD9, 0xE0
_JPEG_KEPT = frozenset({*range(0xC0, 0xDE), 0xEE})  # frames, scans, tables; APP14 tells colours
_JFIF_BYTES = 18  # of a segment without thumbnail
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"cICP", b"bKGD"}
    | {b"acTL", b"fcTL", b"fdAT"}
)
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"})
_WEBP_METADATA_FLAGS = 0b0010_1100  # of VP8X: ICC profile, EXIF, XMP
_GIF_GRAPHIC_CONTROL, _GIF_APPLICATION = 0xF9, 0xFF
_GIF_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def strip_metadata(data: bytes, picture_format: PictureFormat) -> bytes | None:
    """The same picture without metadata, or None where that is not known how."""
    match picture_format:
        case PictureFormat.JPEG:
            stripped = _strip_jpeg(data)
        case PictureFormat.PNG:
            stripped = _strip_png(data)
        case PictureFormat.WEBP:
            stripped = _strip_webp(data)
        case PictureFormat.GIF:
            stripped = _strip_gif(data)
        case PictureFormat.AVIF:
            stripped = strip_avif(data)
        case PictureFormat.TIFF:
            stripped = strip_tiff(data)
        case PictureFormat.BMP:
            stripped = None
        case _:
            assert_never(picture_format)
    if stripped is None or len(stripped) > len(data):  # a broken file that names the same bytes twice
        return None
    return stripped


def _strip_jpeg(data: bytes) -> bytes | None:
    kept = [data[:2]]
    at = 2
    while at + 4 <= len(data) and data[at] == _JPEG_FILL:
        marker = data[at + 1]
        if marker == _JPEG_FILL:
            at += 1
            continue
        if marker == _JPEG_EOI:
            return b"".join((*kept, data[at : at + 2]))
        end = at + 2 if marker in _JPEG_STANDALONE else at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == _JPEG_SOS:
            found = _NEXT_MARKER.search(data, end)
            if found is None:
                return None
            end = found.start()
        if marker == _JPEG_APP0:
            kept.append(_jfif_without_thumbnail(data[at:end]))
        elif marker in _JPEG_KEPT:
            kept.append(data[at:end])
        at = end
    if data[at : at + 2] == b"\xff\xd9":
        return b"".join((*kept, data[at : at + 2]))
    return None


def _jfif_without_thumbnail(segment: bytes) -> bytes:
    if segment[4:9] != b"JFIF\0" or len(segment) < _JFIF_BYTES:
        return b""
    return segment[:2] + (16).to_bytes(2, "big") + segment[4:16] + b"\0\0"


def _strip_png(data: bytes) -> bytes | None:
    kept = [data[:8]]
    at = 8
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4], "big")
        kind = data[at + 4 : at + 8]
        if end > len(data):
            return None
        if kind in _PNG_KEPT:
            kept.append(data[at:end])
        if kind == b"IEND":
            return b"".join(kept)
        at = end
    return None


def _strip_webp(data: bytes) -> bytes | None:
    kept = [b"WEBP"]
    at, whole = 12, 8 + int.from_bytes(data[4:8], "little")
    if whole > len(data):
        return None
    while at + 8 <= whole:
        kind = data[at : at + 4]
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        if kind == b"VP8X" and length >= 1:
            kept.append(
                data[at : at + 8] + bytes([data[at + 8] & ~_WEBP_METADATA_FLAGS]) + data[at + 9 : end]
            )
        elif kind in _WEBP_KEPT:
            kept.append(data[at:end])
        at = end
    body = b"".join(kept)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _strip_gif(data: bytes) -> bytes | None:
    at = 13 + _colour_table_bytes(data[10])
    kept = [data[:at]]
    while at < len(data):
        start = at
        match data[at]:
            case 0x3B:
                return b"".join((*kept, b"\x3b"))
            case 0x21 if at + 2 < len(data):
                at = _end_of_blocks(data, at + 2)
                if _is_gif_structure(data, start):
                    kept.append(data[start:at])
            case 0x2C if at + 11 < len(data):
                at = _end_of_blocks(data, at + 11 + _colour_table_bytes(data[at + 9]))
                kept.append(data[start:at])
            case _:
                return None
    return None


def _is_gif_structure(data: bytes, at: int) -> bool:
    if data[at + 1] == _GIF_APPLICATION:
        return data[at + 3 : at + 14] in _GIF_LOOPS
    return data[at + 1] == _GIF_GRAPHIC_CONTROL


def _colour_table_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 0b111) + 1) if flags & 0x80 else 0


def _end_of_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += 1 + data[at]
    return at + 1
