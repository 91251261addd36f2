"""The segments of a JPEG: each marker, and where what belongs to it stands (pure). Bytes that stand between
them are passed by, as every viewer does.
"""

import re
from collections.abc import Iterator
from itertools import chain, pairwise
from typing import NamedTuple

START_OF_SCAN, END = 0xDA, 0xD9
_MARKER = re.compile(rb"\xff[^\x00\xff]")
# In entropy-coded data: neither stuffing, nor restart, nor one that nobody has given a meaning.
_NEXT_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_MARKER_BYTES, _LENGTH_BYTES = 2, 2


class Segment(NamedTuple):
    marker: int
    start: int
    head_end: int

    @property
    def body(self) -> slice:
        return slice(self.start + _MARKER_BYTES + _LENGTH_BYTES, self.head_end)


def segments(data: bytes) -> Iterator[Segment]:
    """As far as the markers can be followed; the end marker is the last one. The entropy-coded data of a
    scan, which is nearly all of a file, is not looked through before the segment after it is asked for.
    """
    start = _MARKER_BYTES
    while found := _MARKER.search(data, start):
        start = found.start()
        marker = data[start + 1]
        segment = Segment(marker, start, _head_end(data, marker, start))
        yield segment
        if marker == END:
            return
        start = segment.head_end
        if marker == START_OF_SCAN:
            behind = _NEXT_MARKER.search(data, start)
            start = behind.start() if behind else len(data)


def whole_segments(data: bytes) -> Iterator[tuple[Segment, int]]:
    """Each with where it ends: behind its body, and behind the entropy-coded data of a scan."""
    nothing = Segment(END, len(data), len(data))
    for segment, following in pairwise(chain(segments(data), (nothing,))):
        yield segment, following.start if segment.marker == START_OF_SCAN else segment.head_end


def _head_end(data: bytes, marker: int, start: int) -> int:
    length_at = start + _MARKER_BYTES
    if marker in _STANDALONE or marker == END:
        return length_at
    return length_at + int.from_bytes(data[length_at : length_at + _LENGTH_BYTES], "big")
