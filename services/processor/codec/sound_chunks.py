"""Leaves out of a PNG what is said beside its pixels and is broken, as every viewer does: a checksum that is
wrong, a length that cannot be (pure). Pillow would call the whole file broken.
"""

from services.processor.formats.png_chunks import Chunk, chunks, has_right_checksum

_IS_BESIDE = 0b0010_0000  # of a kind's first letter: a small one
_OF_A_FRAME = frozenset({b"fcTL", b"fdAT"})
_LENGTHS = {b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"pHYs": 9, b"acTL": 8}
_CLEAR, _CLEAR_LENGTHS = b"tRNS", {0: 2, 2: 6}  # of a grey and of a coloured picture
_COLOURS_AT = 25  # of the header


def without_broken_chunks(data: bytes) -> bytes:
    broken = [chunk for chunk in chunks(data) if _is_beside(chunk) and not _is_sound(data, chunk)]
    kept, start = [], 0
    for chunk in broken:
        kept.append(data[start : chunk.start])
        start = chunk.end
    return b"".join((*kept, data[start:])) if broken else data


def _is_beside(chunk: Chunk) -> bool:
    return bool(chunk.kind[0] & _IS_BESIDE) and chunk.kind not in _OF_A_FRAME


def _is_sound(data: bytes, chunk: Chunk) -> bool:
    if chunk.end > len(data):
        return True  # the file is cut off, which is told elsewhere
    length = chunk.body.stop - chunk.body.start
    wanted = _CLEAR_LENGTHS.get(data[_COLOURS_AT]) if chunk.kind == _CLEAR else _LENGTHS.get(chunk.kind)
    return (wanted is None or length == wanted) and has_right_checksum(data, chunk)
