"""Completes a JPEG or WebP that lacks its last bytes but none of its pixels, as every viewer does, and undoes
what no viewer does: a transfer as text (pure).
"""

from services.processor.codec.headers import claimed_pixels, frame_at
from services.processor.codec.jpeg.scans import scans_of
from services.processor.codec.jpeg.turbo import breaks_a_rule, libjpeg_turbo
from services.processor.formats.line_ends import changed_as_text, unchanged
from services.processor.formats.sniff import sniff
from shared.contract.picture_formats import PictureFormat

_END = b"\xff\xd9"
_ARITHMETIC = frozenset({0xC9, 0xCA})  # frames; of such libjpeg takes what is missing for zeros
_WEBP_SIZE, _WEBP_AROUND_BYTES = slice(4, 8), 8


def with_own_line_ends(data: bytes, max_pixels: int) -> bytes:
    """The file as it was before a transfer as text, where it is whole then; else as it came."""
    if not changed_as_text(data):
        return data
    before = unchanged(data)
    return before if _is_whole(before, max_pixels) else data


def _is_whole(data: bytes, max_pixels: int) -> bool:
    match sniff(data):
        case PictureFormat.JPEG:
            is_small = claimed_pixels(data, PictureFormat.JPEG, max_pixels + 1) <= max_pixels
            return is_small and not breaks_a_rule(data)
        case PictureFormat.WEBP:
            return len(data) == int.from_bytes(data[_WEBP_SIZE], "little") + _WEBP_AROUND_BYTES
        case found:
            return found is PictureFormat.PNG


def with_end(data: bytes, max_pixels: int) -> bytes:
    """The file with an end marker where that alone was missing, else as it came: then it is damaged."""
    if data.endswith(_END) or _is_arithmetic(data):
        return data
    mended = data.removesuffix(b"\xff") + _END
    if claimed_pixels(mended, PictureFormat.JPEG, max_pixels + 1) > max_pixels:
        return data
    try:
        libjpeg_turbo().decode_jpeg(mended, "GRAY", strict=True)  # refuses pixels that are missing
    except ValueError:
        return data
    return mended if has_all_scans(mended) else data


def _is_arithmetic(data: bytes) -> bool:
    try:
        return data[frame_at(data) + 1] in _ARITHMETIC
    except (IndexError, ValueError):
        return False


def has_all_scans(data: bytes) -> bool:
    """Of a file in passes, the last of which make the picture fine: without them it looks whole, and is
    not.
    """
    scans = scans_of(data)
    return scans is None or scans.is_complete


def with_padding(data: bytes) -> bytes:
    """The WebP with the byte that makes its length even, where its writer forgot to write or to count it."""
    even = len(data) + len(data) % 2
    told = int.from_bytes(data[_WEBP_SIZE], "little") + _WEBP_AROUND_BYTES
    if told not in (even, even - 1):
        return data
    size = (even - _WEBP_AROUND_BYTES).to_bytes(4, "little")
    return (data[: _WEBP_SIZE.start] + size + data[_WEBP_SIZE.stop :]).ljust(even, b"\0")


def with_end_as_it_came(kept: bytes, came: bytes, picture_format: PictureFormat) -> bytes:
    """What is kept of a mended file; without what it was mended with, where that alone makes it larger."""
    if len(kept) <= len(came):
        return kept
    ended = kept[: len(came)]
    if picture_format is PictureFormat.WEBP:
        ended = ended[: _WEBP_SIZE.start] + came[_WEBP_SIZE] + ended[_WEBP_SIZE.stop :]
    return ended
