"""What the codec makes of a picture that is written byte by byte."""

import zlib
from collections.abc import Sequence

from PIL import Image

from services.processor.codec.compress import compress
from services.processor.verdicts import Compressed, Failure
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import (
    opened,
    png_chunk,
)

MAX_PIXELS = 1_000_000
GREY, WHITE = b"\x80", b"\xff"
CLEAR_AND_RED = png_chunk(b"PLTE", bytes([0, 200, 0, 200, 0, 0]))


def compressed(data: bytes, wanted: PictureFormat | None = None) -> Image.Image:
    verdict = compress(data, 50, wanted, MAX_PIXELS)
    assert isinstance(verdict, Compressed), verdict
    assert wanted is not None or len(verdict.data) <= len(data)
    return opened(verdict.data)


def code(data: bytes, wanted: PictureFormat | None = None) -> str:
    verdict = compress(data, 50, wanted, MAX_PIXELS)
    assert isinstance(verdict, Failure), verdict
    return verdict.code


def png(size: tuple[int, int], depth: int, kind: int, rows: Sequence[bytes], *chunks: bytes) -> bytes:
    """Written byte by byte, as Pillow would not."""
    header = b"".join(side.to_bytes(4, "big") for side in size) + bytes([depth, kind, 0, 0, 0])
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    body = (png_chunk(b"IHDR", header), *chunks, png_chunk(b"IDAT", pixels), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def numbers(kind: bytes, *values: int) -> bytes:
    return png_chunk(kind, b"".join(value.to_bytes(4, "big") for value in values))
