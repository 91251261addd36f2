"""Leaves out of a PNG what is said beside its pixels and no browser heeds: what is broken, by a wrong
checksum, a length that cannot be or a profile that cannot be unpacked; a second profile; all texts; and
whatever is said behind the pixels (pure). Pillow would call the whole file broken, or turn and colour it by
these.
"""

import zlib
from collections.abc import Iterator

from services.processor.codec.png.pixels import PIXELS
from services.processor.formats.png_chunks import Chunk, begins_with_header, chunks, has_right_checksum

MAX_PROFILE_BYTES = 8_000_000  # unpacked: what libpng, and so a browser, takes at most
_IS_BESIDE = 0b0010_0000  # of a kind's first letter: a small one
_OF_A_FRAME = frozenset({b"fcTL", b"fdAT"})
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_LENGTHS = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9, b"acTL": 8}
_CLEAR, _CLEAR_LENGTHS = b"tRNS", {b"\0": 2, b"\2": 6}  # of a grey and of a coloured picture
_COLOURS = slice(25, 26)  # of the header
_PROFILE, _DEFLATED = b"iCCP", b"\0"


def without_broken_chunks(data: bytes) -> bytes:
    """A file that does not begin with its header stays as it came: nothing is sound then."""
    left_out = list(_left_out(data)) if begins_with_header(data) else []
    kept, start = [], 0
    for chunk in left_out:
        kept.append(data[start : chunk.start])
        start = chunk.end
    return b"".join((*kept, data[start:])) if left_out else data


def _left_out(data: bytes) -> Iterator[Chunk]:
    """A file with thousands of profiles would take as long as thousands of files: one alone is unpacked."""
    has_profile = has_pixels = False
    for chunk in chunks(data):
        has_pixels = has_pixels or chunk.kind == PIXELS
        if not _is_beside(chunk):
            continue
        is_second = has_profile and chunk.kind == _PROFILE
        has_profile = has_profile or chunk.kind == _PROFILE
        if not _is_cut_off(data, chunk) and (is_second or has_pixels or not _is_heeded(data, chunk)):
            yield chunk


def _is_cut_off(data: bytes, chunk: Chunk) -> bool:
    """The file is, which is told elsewhere."""
    return chunk.end > len(data)


def _is_beside(chunk: Chunk) -> bool:
    return bool(chunk.kind[0] & _IS_BESIDE) and chunk.kind not in _OF_A_FRAME


def _is_heeded(data: bytes, chunk: Chunk) -> bool:
    return chunk.kind not in _TEXTS and _is_sound(data, chunk)


def _is_sound(data: bytes, chunk: Chunk) -> bool:
    length = chunk.body.stop - chunk.body.start
    wanted = _CLEAR_LENGTHS.get(data[_COLOURS]) if chunk.kind == _CLEAR else _LENGTHS.get(chunk.kind)
    if (wanted is not None and length != wanted) or not has_right_checksum(data, chunk):
        return False
    return chunk.kind != _PROFILE or _can_be_unpacked(data[chunk.body])


def _can_be_unpacked(profile: bytes) -> bool:
    """Behind its name stand how it is packed, and what is packed."""
    _, _, packed = profile.partition(b"\0")
    unpacking = zlib.decompressobj()
    try:
        unpacked = unpacking.decompress(packed[1:], MAX_PROFILE_BYTES)
    except zlib.error:
        return False
    return packed[:1] == _DEFLATED and bool(unpacked) and not unpacking.unconsumed_tail
