"""Takes the metadata out of a moving AVIF in place (pure): its tables say where in the file each frame is,
so that nothing may move. What was metadata becomes free room of zeros.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

_CONTAINERS = frozenset({b"moov", b"trak", b"mdia", b"minf"})
_METADATA_BOXES = frozenset({b"udta", b"uuid", b"free", b"skip"})
_DATED = frozenset({b"mvhd", b"tkhd", b"mdhd"})  # when it was made and changed
_VERSION_BYTES = 4
_OF_A_TRACK = b"meta"
_HEAD_BYTES = 8
_FREE, _PICTURES = b"free", b"mdat"


class Span(NamedTuple):
    kind: bytes
    start: int  # of its head
    body: int
    end: int


def boxes_in(data: bytes | bytearray, start: int, end: int) -> Iterator[Span]:
    """One after another; raises ValueError for one that does not fit."""
    while start < end:
        length, kind = struct.unpack_from(">I4s", data, start)
        body = start + _HEAD_BYTES
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, body)
            body += 8
        box_end = start + length if length else end
        if not body <= box_end <= end:
            raise ValueError("a box that does not fit")
        yield Span(kind, start, body, box_end)
        start = box_end


def without_metadata_boxes(data: bytes) -> bytearray:
    """Ends with the last whole box; raises ValueError or struct.error where that is none, or where it is
    before the pictures.
    """
    out = bytearray(data)
    end, has_pictures = 0, False
    try:
        for box in boxes_in(data, 0, len(data)):
            end, has_pictures = box.end, has_pictures or box.kind == _PICTURES
            _clear(out, box, is_top=True)
    except (ValueError, struct.error):
        if not has_pictures or data[end + 4 : end + 8] == _PICTURES:
            raise
    return out[:end]


def _clear(out: bytearray, box: Span, *, is_top: bool) -> None:
    if box.kind in _METADATA_BOXES or (box.kind == _OF_A_TRACK and not is_top):
        out[box.start + 4 : box.start + 8] = _FREE
        out[box.body : box.end] = bytes(box.end - box.body)
    elif box.kind in _DATED:
        times = box.body + _VERSION_BYTES
        both_bytes = 16 if out[box.body] else 8
        out[times : times + both_bytes] = bytes(both_bytes)
    elif box.kind in _CONTAINERS:
        for inner in boxes_in(out, box.body, box.end):
            _clear(out, inner, is_top=False)
