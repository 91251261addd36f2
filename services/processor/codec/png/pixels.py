"""The pixels of a PNG as they are packed: how many bytes they should be, and how many of them a file holds
(pure).
"""

import struct
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from services.processor.formats.png_chunks import Chunk, chunks

PIXELS = b"IDAT"
STREAM_HEAD_BYTES = 2  # of zlib, before what is deflated
_CHECKSUM_BYTES = 4
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = (  # of an interlaced one: first row, first column, rows and columns from one to the next
    *((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4)),
    *((2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)),
)
_PIECE_BYTES = 1 << 16


class Header(NamedTuple):
    width: int
    height: int
    bits_of_a_pixel: int
    is_interlaced: bool

    @property
    def bytes_of_pixels(self) -> int:
        """With the one byte before each line that names its filter."""
        passes = self._sizes_of_passes() if self.is_interlaced else [(self.width, self.height)]
        return sum((1 + (columns * self.bits_of_a_pixel + 7) // 8) * rows for columns, rows in passes)

    def _sizes_of_passes(self) -> list[tuple[int, int]]:
        sizes = (
            ((self.width - left + across - 1) // across, (self.height - top + down - 1) // down)
            for left, top, across, down in _PASSES
        )
        return [(columns, rows) for columns, rows in sizes if columns > 0 and rows > 0]


class Inflated(NamedTuple):
    """`deflated_bytes` is None where they break off, or are broken."""

    size: int
    checksum: bytes  # as it should be
    deflated_bytes: int | None


def header_of(data: bytes) -> Header | None:
    try:
        width, height, depth, kind, _, _, interlaced = struct.unpack_from(">IIBBBBB", data, 16)
        return Header(width, height, depth * _SAMPLES[kind], bool(interlaced))
    except (struct.error, KeyError):
        return None


def inflated(data: bytes, most: int) -> Inflated:
    """Whatever the checksum behind them says, or where it is missing."""
    inflating = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    head, fed, there, checksum = STREAM_HEAD_BYTES, 0, 0, zlib.adler32(b"")
    with suppress(zlib.error):
        for piece in _pieces(data):
            waiting, head = piece[head:], max(0, head - len(piece))
            fed += len(waiting)
            is_full = True
            while is_full and there <= most:
                pixels = inflating.decompress(waiting, _PIECE_BYTES)
                there += len(pixels)
                checksum = zlib.adler32(pixels, checksum)
                waiting, is_full = inflating.unconsumed_tail, len(pixels) == _PIECE_BYTES
            if inflating.eof or there > most:
                break
    deflated_bytes = fed - len(inflating.unused_data) if inflating.eof else None
    return Inflated(there, checksum.to_bytes(_CHECKSUM_BYTES, "big"), deflated_bytes)


def chunks_of_pixels(data: bytes) -> list[Chunk]:
    return [chunk for chunk in chunks(data) if chunk.kind == PIXELS]


def _pieces(data: bytes) -> Iterator[bytes]:
    """Small ones: what inflates to more than is taken at a time is copied each time."""
    for chunk in chunks_of_pixels(data):
        end = min(chunk.body.stop, len(data))
        starts = range(chunk.body.start, end, _PIECE_BYTES)
        yield from (data[at : min(at + _PIECE_BYTES, end)] for at in starts)
