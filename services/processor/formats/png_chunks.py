"""The chunks of a PNG: where each stands in the file, and how one is written (pure)."""

import zlib
from collections.abc import Iterator
from typing import NamedTuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LENGTH_BYTES = _KIND_BYTES = _CHECKSUM_BYTES = 4
_FIRST_KIND = slice(12, 16)
_AROUND_BYTES = _LENGTH_BYTES + _KIND_BYTES + _CHECKSUM_BYTES


class Chunk(NamedTuple):
    """Of a file that is cut off the last one may end behind it."""

    kind: bytes
    start: int
    end: int

    @property
    def body(self) -> slice:
        return slice(self.start + _LENGTH_BYTES + _KIND_BYTES, self.end - _CHECKSUM_BYTES)


def begins_with_header(data: bytes) -> bool:
    return data[_FIRST_KIND] == b"IHDR"


def chunks(data: bytes) -> Iterator[Chunk]:
    start = len(SIGNATURE)
    while start + _AROUND_BYTES <= len(data):
        kind_at = start + _LENGTH_BYTES
        end = start + _AROUND_BYTES + int.from_bytes(data[start:kind_at], "big")
        yield Chunk(data[kind_at : kind_at + _KIND_BYTES], start, end)
        start = end


def has_right_checksum(data: bytes, chunk: Chunk) -> bool:
    told = memoryview(data)[chunk.start + _LENGTH_BYTES : chunk.end]
    checksum = int.from_bytes(told[-_CHECKSUM_BYTES:], "big")
    return zlib.crc32(told[:-_CHECKSUM_BYTES]) == checksum


def written(kind: bytes, body: bytes) -> bytes:
    length, checksum = len(body).to_bytes(_LENGTH_BYTES, "big"), zlib.crc32(kind + body)
    return length + kind + body + checksum.to_bytes(_CHECKSUM_BYTES, "big")
