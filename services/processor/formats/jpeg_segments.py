"""The segments of a JPEG: each marker, and where what belongs to it stands (pure)."""

import re
from collections.abc import Iterator
from typing import NamedTuple

FILL, START_OF_SCAN, END = 0xFF, 0xDA, 0xD9
_NEXT_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")  # in entropy-coded data: neither stuffing nor restart
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_MARKER_BYTES, _LENGTH_BYTES = 2, 2


class Segment(NamedTuple):
    marker: int
    start: int
    head_end: int
    end: int  # behind the entropy-coded data of a scan

    @property
    def body(self) -> slice:
        return slice(self.start + _MARKER_BYTES + _LENGTH_BYTES, self.head_end)


def segments(data: bytes) -> Iterator[Segment]:
    """As far as the markers can be followed; the end marker is the last one."""
    start = _MARKER_BYTES
    while start + 1 < len(data) and data[start] == FILL:
        marker = data[start + 1]
        if marker == FILL:
            start += 1
            continue
        head_end = _head_end(data, marker, start)
        end = head_end
        if marker == START_OF_SCAN:
            found = _NEXT_MARKER.search(data, head_end)
            end = found.start() if found else len(data)
        yield Segment(marker, start, head_end, end)
        if marker == END:
            return
        start = end


def _head_end(data: bytes, marker: int, start: int) -> int:
    length_at = start + _MARKER_BYTES
    if marker in _STANDALONE or marker == END:
        return length_at
    return length_at + int.from_bytes(data[length_at : length_at + _LENGTH_BYTES], "big")
