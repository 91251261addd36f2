"""Completes a PNG that has all its pixels but not what stands behind them, or one wrong checksum, as every
viewer does (pure). Asked only of what Pillow calls broken.
"""

from services.processor.codec.moving.apng import has_frames
from services.processor.codec.png.pixels import (
    PIXELS,
    STREAM_HEAD_BYTES,
    chunks_of_pixels,
    header_of,
    inflated,
)
from services.processor.formats.png_chunks import chunks, has_right_checksum, written

_END = b"IEND"


def with_checksum(data: bytes, max_pixels: int) -> bytes | None:
    """None where pixels are missing, or where neither of their two checksums vouches for them."""
    header = header_of(data)
    if header is None or header.width * header.height > max_pixels or has_frames(data):
        return None
    whole = header.bytes_of_pixels
    pixels = inflated(data, whole)
    if pixels.size < whole or pixels.deflated_bytes is None:
        return None
    parts = chunks_of_pixels(data)
    packed = b"".join(data[chunk.body] for chunk in parts)
    end = STREAM_HEAD_BYTES + pixels.deflated_bytes
    they_arrived = all(has_right_checksum(data, chunk) for chunk in parts if chunk.end <= len(data))
    if not they_arrived and packed[end : end + len(pixels.checksum)] != pixels.checksum:
        return None
    behind = (
        data[chunk.start : chunk.end]
        for chunk in chunks(data)
        if chunk.start >= parts[-1].end and chunk.end <= len(data) and chunk.kind != _END
    )
    before = data[: parts[0].start]
    return b"".join((before, written(PIXELS, packed[:end] + pixels.checksum), *behind, written(_END, b"")))
