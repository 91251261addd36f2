"""A PNG that lacks pixels or what they need is damaged, and one that has all of them is whole."""

import zlib

import pytest
from PIL import Image

from services.processor.codec.compress import compress
from services.processor.formats.png_chunks import chunks
from services.processor.verdicts import Compressed, Failure
from shared.contract.codes import FailureCode
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import (
    photo,
    png_chunk,
    saved,
)
from tests.worlds.files.rare_pictures import CLEAR_AND_RED, GREY, MAX_PIXELS, code, compressed, png


def pixels_of(plain: bytes) -> bytes:
    return zlib.decompress(b"".join(plain[chunk.body] for chunk in chunks(plain) if chunk.kind == b"IDAT"))


def _with_pixels(plain: bytes, packed: bytes, checksum: int = 0) -> bytes:
    chunk = bytearray(png_chunk(b"IDAT", packed))
    chunk[-1] ^= checksum
    return plain[:33] + bytes(chunk) + png_chunk(b"IEND", b"")


def _cut_in_its_checksum(plain: bytes, packed: bytes) -> bytes:
    return plain[:33] + png_chunk(b"IDAT", packed)[: -4 - 3]


ALL_PIXELS = {
    "without their checksum": lambda plain, packed: _with_pixels(plain, packed[:-4]),
    "with half a checksum": lambda plain, packed: _with_pixels(plain, packed[:-2]),
    "with a wrong checksum": lambda plain, packed: _with_pixels(plain, packed[:-1] + b"!"),
    "in a chunk with a wrong one": lambda plain, packed: _with_pixels(plain, packed, checksum=1),
    "and a cut after them": _cut_in_its_checksum,
}


@pytest.mark.parametrize("wanted", [None, PictureFormat.WEBP])
@pytest.mark.parametrize("name", ALL_PIXELS)
def test_a_png_that_has_all_its_pixels_is_whole(name: str, wanted: PictureFormat | None) -> None:
    """R09: every viewer shows such a picture; of two checksums one is enough."""
    for picture in (photo(), Image.new("RGB", (400, 400), "red")):
        plain = saved(picture, "PNG")
        mended = compressed(ALL_PIXELS[name](plain, zlib.compress(pixels_of(plain))), wanted)
        assert mended.convert("RGB").tobytes() == compressed(plain, wanted).convert("RGB").tobytes()


def test_a_png_whose_checksums_are_both_wrong_is_damaged() -> None:
    """R09, R19: a pixel is another one, as far as anybody can tell."""
    plain = saved(photo(), "PNG")
    packed = zlib.compress(pixels_of(plain))
    assert code(_with_pixels(plain, packed[:-1] + bytes([packed[-1] ^ 1]), checksum=1)) == "damaged"


@pytest.mark.parametrize("before", [(b"tEXt", b"Title\0\0\0\0\0"), (b"zTXt", b"Title\0\0")])
def test_a_png_that_does_not_begin_with_its_header_is_damaged(before: tuple[bytes, bytes]) -> None:
    """R19: Pillow would take it, and its depth would be read from the wrong place."""
    whole = png((8, 8), 8, 0, [GREY * 8] * 8, png_chunk(b"tRNS", b"\0\x80"))
    assert isinstance(compress(whole, 50, None, MAX_PIXELS), Compressed)
    assert code(whole[:8] + png_chunk(*before) + whole[8:]) == "damaged"


@pytest.mark.parametrize("wanted", [None, *PictureFormat])
def test_a_png_without_its_palette_is_damaged(wanted: PictureFormat | None) -> None:
    """R19: no viewer shows it, and Pillow's assertion was the end of a decoder."""
    verdict = compress(png((8, 8), 8, 3, [GREY * 8] * 8), 50, wanted, MAX_PIXELS)
    assert verdict == Failure(FailureCode.DAMAGED, "its palette is missing")


def test_a_png_of_a_clear_colour_alone_is_damaged() -> None:
    """R19: its header, which says how long that is, would stand behind the file's end."""
    assert code(b"\x89PNG\r\n\x1a\n" + png_chunk(b"tRNS", b"\0\0")) == "damaged"


def test_a_png_of_two_headers_is_damaged() -> None:
    """R19: Pillow took the palette of one and the clear colour of the other, and neither fits the other."""
    coloured = png((8, 8), 8, 2, [GREY * 24] * 8, png_chunk(b"tRNS", b"\0\x80" * 3))
    grey = png((8, 8), 8, 0, [GREY * 8] * 8, png_chunk(b"tRNS", b"\0\x80"))
    indexed = png((8, 8), 8, 3, [bytes(8)] * 8, CLEAR_AND_RED)
    for one, other in ((indexed, grey), (indexed, coloured)):
        header_and_palette = one[: one.index(b"IDAT") - 4]
        assert code(header_and_palette + other[8:], PictureFormat.JPEG) == "damaged"
