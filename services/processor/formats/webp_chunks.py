"""The chunks of a WebP, as RIFF has them, and the flags of one that is more than a picture (pure)."""

from collections.abc import Iterator
from typing import NamedTuple

CLEAR, MOVING = 0b1_0000, 0b10  # flags
_FIRST_AT, _HEAD_BYTES = 12, 8
_WITH_FLAGS, _FLAGS_AT = b"VP8X", 20


class Chunk(NamedTuple):
    kind: bytes
    start: int
    body: int
    length: int  # of its body, as it says

    @property
    def end(self) -> int:
        """Chunks begin at even places. A broken file may say that it ends before."""
        return self.body + self.length + self.length % 2


def chunks(data: bytes, end: int) -> Iterator[Chunk]:
    """Those whose heads stand before `end`."""
    at = _FIRST_AT
    while at + _HEAD_BYTES <= end:
        body = at + _HEAD_BYTES
        chunk = Chunk(data[at : at + 4], at, body, int.from_bytes(data[at + 4 : body], "little"))
        yield chunk
        at = chunk.end


def flags_of(data: bytes) -> int:
    """0 where it has no place for them. Raises IndexError where the file breaks off before them."""
    return data[_FLAGS_AT] if _has_flags(data) else 0


def with_clear_flag(data: bytes) -> bytes:
    """The file, which says that some of it is clear, if it has a place to say so."""
    if not _has_flags(data):
        return data
    return data[:_FLAGS_AT] + bytes([flags_of(data) | CLEAR]) + data[_FLAGS_AT + 1 :]


def _has_flags(data: bytes) -> bool:
    return data[_FIRST_AT : _FIRST_AT + len(_WITH_FLAGS)] == _WITH_FLAGS
