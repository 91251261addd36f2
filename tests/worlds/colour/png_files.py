"""PNG files written byte by byte, as Pillow would not: depths, clear colours, interlacing, spaces."""

import struct
import zlib
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.worlds.files.pictures import png_chunk

Write = Callable[[Image.Image], bytes]  # of a picture in RGBA
GREY, RGB, GREY_ALPHA, RGBA = 0, 2, 4, 6
SAMPLES = {GREY: 1, RGB: 3, GREY_ALPHA: 2, RGBA: 4}
MODES = {GREY: "L", RGB: "RGB", GREY_ALPHA: "LA", RGBA: "RGBA"}
LOW_BYTE = 9  # of samples of 16 bits, another than their high byte
BODY_AT = 33  # behind signature and header


def png(
    size: tuple[int, int],
    depth: int,
    kind: int,
    rows: Sequence[bytes],
    *chunks: bytes,
    interlaced: bool = False,
) -> bytes:
    """Written byte by byte, as Pillow would not."""
    header = struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, interlaced)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    body = (png_chunk(b"IHDR", header), *chunks, png_chunk(b"IDAT", pixels), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


def with_chunks(data: bytes, *chunks: bytes) -> bytes:
    return data[:BODY_AT] + b"".join(chunks) + data[BODY_AT:]


def samples_of(picture: Image.Image, kind: int) -> NDArray[np.uint8]:
    mode = MODES[kind]
    plain = picture.convert("RGB") if kind in {GREY, RGB} else picture
    return np.asarray(plain.convert(mode)).reshape(picture.height, picture.width, SAMPLES[kind])


def deep_png(kind: int, *chunks: bytes) -> Write:
    def write(picture: Image.Image) -> bytes:
        deep = (samples_of(picture, kind).astype(np.uint16) * 257).astype(">u2")
        return png(picture.size, 16, kind, [row.tobytes() for row in deep], *chunks)

    return write


def shallow_png(depth: int) -> Write:
    def write(picture: Image.Image) -> bytes:
        grey = samples_of(picture, GREY)[..., 0] // 2 ** (8 - depth)
        bits = np.unpackbits(grey[..., None], axis=2)[..., 8 - depth :].reshape(picture.height, -1)
        return png(picture.size, depth, GREY, [np.packbits(row).tobytes() for row in bits])

    return write


def interlaced_png(picture: Image.Image) -> bytes:
    """Adam7."""
    pixels = samples_of(picture, RGBA)
    passes = (
        (0, 0, 8, 8),
        (0, 4, 8, 8),
        (4, 0, 8, 4),
        (0, 2, 4, 4),
        (2, 0, 4, 2),
        (0, 1, 2, 2),
        (1, 0, 2, 1),
    )
    rows: list[bytes] = []
    for top, left, down, right in passes:
        part = pixels[top::down, left::right]
        if part.size:
            rows.extend(row.tobytes() for row in part)
    return png(picture.size, 8, RGBA, rows, interlaced=True)


def clear_colour_png(kind: int, depth: int) -> Write:
    """What is nearly clear becomes one colour that is said to be clear."""

    def write(picture: Image.Image) -> bytes:
        samples = samples_of(picture, kind).copy()
        clear = np.asarray(picture.getchannel("A")) < 128
        samples[(samples == 3).all(axis=2)] = 4
        samples[clear] = 3
        wide = samples.astype(np.uint16) * 256 + LOW_BYTE if depth == 16 else samples.astype(np.uint16)
        rows = [row.astype(">u2" if depth == 16 else np.uint8).tobytes() for row in wide]
        said = struct.pack(f">{SAMPLES[kind]}H", *[3 * 256 + LOW_BYTE if depth == 16 else 3] * SAMPLES[kind])
        return png(picture.size, depth, kind, rows, png_chunk(b"tRNS", said))

    return write


def cicp(primaries: int, transfer: int) -> bytes:
    return png_chunk(b"cICP", bytes((primaries, transfer, 0, 1)))


def numbers(kind: bytes, *values: int) -> bytes:
    return png_chunk(kind, struct.pack(f">{len(values)}I", *values))
