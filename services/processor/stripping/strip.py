"""Removes the metadata of an image file without touching its pixels (pure). What `Look` asks for stays.

Each function returns None where the file's structure is not what it expects: then nothing is promised.
By hand, because Pillow only writes pixels that it codes anew, and piexif knows EXIF alone.
"""

from typing import assert_never

from services.processor.formats import webp_chunks
from services.processor.formats.jpeg_segments import END, START_OF_SCAN, whole_segments
from services.processor.formats.png_chunks import SIGNATURE, chunks, written
from services.processor.stripping.avif import strip_avif
from services.processor.stripping.bmp import strip_bmp
from services.processor.stripping.gif import strip_gif
from services.processor.stripping.look import OF_ITSELF, Look
from services.processor.stripping.tiff import strip_tiff
from shared.contract.picture_formats import PictureFormat

_JPEG_APP0, _JPEG_APP2 = 0xE0, 0xE2
_JPEG_KEPT = frozenset({*range(0xC0, 0xDE), 0xEE})  # frames, scans, tables; APP14 tells colours
_JFIF_BYTES = 18  # of a segment without thumbnail
_PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"cICP", b"bKGD"}
    | {b"acTL", b"fcTL", b"fdAT"}
)
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"})
_WEBP_METADATA_FLAGS = 0b0010_1100  # of VP8X: ICC profile, EXIF, XMP
_WEBP_PROFILE_FLAG = 0b0010_0000


def strip_metadata(data: bytes, picture_format: PictureFormat, look: Look = OF_ITSELF) -> bytes | None:
    """The same picture without metadata, or None where that is not known how."""
    match picture_format:
        case PictureFormat.JPEG:
            stripped = _strip_jpeg(data, look)
        case PictureFormat.PNG:
            stripped = _strip_png(data, look)
        case PictureFormat.WEBP:
            stripped = _strip_webp(data, look)
        case PictureFormat.GIF:
            stripped = strip_gif(data)
        case PictureFormat.AVIF:
            stripped = strip_avif(data)
        case PictureFormat.TIFF:
            stripped = strip_tiff(data, look)
        case PictureFormat.BMP:
            stripped = strip_bmp(data)
        case _:
            assert_never(picture_format)
    if stripped is None or len(stripped) > len(data):  # a broken file that names the same bytes twice
        return None
    return stripped


def _strip_jpeg(data: bytes, look: Look) -> bytes | None:
    """One without its end stays so: what is no marker of a part belongs to the pixels before it."""
    kept, has_pixels = [data[:2], _exif_segment(look)], False
    for segment, end in whole_segments(data):
        marker, start = segment.marker, segment.start
        if marker == _JPEG_APP0:
            kept.append(_jfif_without_thumbnail(data[start:end]))
        elif marker in _JPEG_KEPT or (look.keeps_profile and _is_profile_segment(data, start)):
            kept.append(data[start:end])
        has_pixels = has_pixels or marker == START_OF_SCAN
        if marker == END:
            return b"".join(kept)
    return b"".join(kept) if has_pixels else None


def _exif_segment(look: Look) -> bytes:
    body = b"Exif\0\0" + look.exif
    return b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body if look.exif else b""


def _is_profile_segment(data: bytes, at: int) -> bool:
    return data[at + 1] == _JPEG_APP2 and data[at + 4 : at + 16] == b"ICC_PROFILE\0"


def _jfif_without_thumbnail(segment: bytes) -> bytes:
    if segment[4:9] != b"JFIF\0" or len(segment) < _JFIF_BYTES:
        return b""
    return segment[:2] + (16).to_bytes(2, "big") + segment[4:16] + b"\0\0"


def _strip_png(data: bytes, look: Look) -> bytes | None:
    """A still one may lack its end; of a moving one frames may be missing then."""
    stays = _PNG_KEPT | {b"iCCP"} if look.keeps_profile else _PNG_KEPT
    kept, kinds = [data[: len(SIGNATURE)]], set()
    for kind, start, end in chunks(data):
        if end > len(data):
            break
        kinds.add(kind)
        if kind in stays:
            kept.append(data[start:end])
        if kind == b"IHDR" and look.exif:
            kept.append(written(b"eXIf", look.exif))
        if kind == b"IEND":
            return b"".join(kept)
    is_whole = b"IDAT" in kinds and b"acTL" not in kinds
    return b"".join((*kept, written(b"IEND", b""))) if is_whole else None


def _strip_webp(data: bytes, look: Look) -> bytes | None:
    """Which way is up it says by its pixels alone."""
    kept = [b"WEBP"]
    stays = _WEBP_KEPT | {b"ICCP"} if look.keeps_profile else _WEBP_KEPT
    flags = ~_WEBP_METADATA_FLAGS | look.keeps_profile * _WEBP_PROFILE_FLAG
    whole = 8 + int.from_bytes(data[4:8], "little")
    if whole > len(data):
        return None
    for chunk in webp_chunks.chunks(data, whole):
        if chunk.kind == b"VP8X" and chunk.length >= 1:
            flag = bytes([data[chunk.body] & flags])
            kept.append(data[chunk.start : chunk.body] + flag + data[chunk.body + 1 : chunk.end])
        elif chunk.kind in stays:
            kept.append(data[chunk.start : chunk.end])
    body = b"".join(kept)
    return b"RIFF" + len(body).to_bytes(4, "little") + body
