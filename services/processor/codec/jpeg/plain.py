"""Recognises by its markers a JPEG that says nothing but its picture: one frame, upright, sRGB (pure).

Nothing has to open such a file before libjpeg does: whatever else is wrong with it, the long way finds.
"""

from services.processor.formats.jpeg_segments import START_OF_SCAN, segments

_JFIF_MARKER = 0xE0
_FRAMES = frozenset({0xC0, 0xC1, 0xC2})
_TABLES_AND_COMMENTS = frozenset({0xC4, 0xDB, 0xDD, 0xFE})
_JFIF, _JFIF_BYTES = b"JFIF\0", 14
_FRAME_BYTES = {1: 9, 3: 15}  # by components


def plain_size(data: bytes) -> tuple[int, int] | None:
    """Its width and height. None where it may say more."""
    size = None
    try:
        for segment in segments(data):
            if segment.marker == START_OF_SCAN:
                return size
            body = data[segment.body]
            if segment.marker in _FRAMES:
                size = _size(body)
            elif not _says_nothing(segment.marker, body):
                return None
    except (IndexError, ValueError):
        pass
    return None


def _size(frame: bytes) -> tuple[int, int] | None:
    if len(frame) != _FRAME_BYTES.get(frame[5]):
        return None
    return int.from_bytes(frame[3:5], "big"), int.from_bytes(frame[1:3], "big")


def _says_nothing(marker: int, body: bytes) -> bool:
    if marker == _JFIF_MARKER:
        return body.startswith(_JFIF) and len(body) >= _JFIF_BYTES
    return marker in _TABLES_AND_COMMENTS
