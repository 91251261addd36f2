"""The chunks of a WebP, as RIFF has them (pure)."""

from collections.abc import Iterator
from typing import NamedTuple

_FIRST_AT, _HEAD_BYTES = 12, 8


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
