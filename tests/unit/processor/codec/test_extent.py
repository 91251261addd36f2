"""Of a picture that breaks off, the failure says how much of it was there; one whose last passes are missing
is no whole one.
"""

import random
import re
import zlib

import pytest
from PIL import Image

from services.processor.codec.compress import compress
from services.processor.codec.jpeg.scans import scans_of
from services.processor.codec.png import pixels as png_pixels
from services.processor.verdicts import Compressed, Failure
from shared.contract.picture_formats import PictureFormat
from tests.worlds.colour.png_files import interlaced_png
from tests.worlds.files.pictures import cmyk_jpeg, jpeg, photo, png_chunk, saved

MAX_PIXELS = 1_000_000
END = b"\xff\xd9"
HEAD_BYTES = 33  # of a PNG: its signature and its header
PICTURE = photo(size=(320, 200))
CUT = {
    "jpeg": saved(PICTURE, "JPEG", quality=90),
    "grey jpeg": saved(PICTURE.convert("L"), "JPEG", quality=90),
    "cmyk jpeg": saved(PICTURE.convert("CMYK"), "JPEG", quality=90),
    "jpeg with restarts": saved(PICTURE, "JPEG", quality=90, restart_marker_rows=1),
    "png": saved(PICTURE, "PNG"),
    "png of 1 bit": saved(PICTURE.convert("1"), "PNG"),
    "interlaced png": interlaced_png(PICTURE.convert("RGBA")),
}
PASSES = saved(PICTURE, "JPEG", quality=90, progressive=True)
STARTS = [found.start() for found in re.finditer(rb"\xff\xda", PASSES)]


def detail(data: bytes, wanted: PictureFormat | None = None) -> str:
    verdict = compress(data, 50, wanted, MAX_PIXELS)
    assert isinstance(verdict, Failure), verdict
    assert verdict.code == "damaged"
    return verdict.detail or ""


@pytest.mark.parametrize("with_end", [True, False], ids=["given an end", "without one"])
@pytest.mark.parametrize("name", CUT)
def test_the_share_that_was_there_is_said(name: str, *, with_end: bool) -> None:
    """R09, R19: noise is coded evenly, so that half of the bytes are about half of the lines."""
    data = CUT[name]
    end = END if "jpeg" in name and with_end else b""
    shares = []
    for part in (0.4, 0.6, 0.8):
        found = re.fullmatch(
            r"it breaks off: only the first (\d+) % of its (lines|pixels) were there",
            detail(data[: int(len(data) * part)] + end),
        )
        assert found
        shares.append(int(found[1]))
    assert shares == sorted(shares)
    assert 15 <= shares[0] < shares[-1] <= 95


def test_of_next_to_nothing_less_than_a_hundredth_is_said() -> None:
    data = CUT["png"]
    assert detail(data[: data.index(b"IDAT") + 12]) == "it breaks off: less than 1 % of its lines were there"


@pytest.mark.parametrize("end", [b"", END])
@pytest.mark.parametrize("number", range(1, len(STARTS)))
def test_a_jpeg_whose_last_passes_are_missing_is_damaged(number: int, end: bytes) -> None:
    """R09, R19: between two passes it looked whole, only coarse."""
    for wanted in (None, PictureFormat.WEBP):
        assert f"in pass {number} " in detail(PASSES[: STARTS[number]] + end, wanted)


@pytest.mark.parametrize("end", [b"", END])
def test_a_jpeg_whose_last_pass_is_cut_is_damaged(end: bytes) -> None:
    """R09, R19"""
    for at in (STARTS[-1] + 20, (STARTS[-1] + len(PASSES)) // 2, len(PASSES) - 12):
        assert f"in pass {len(STARTS)} " in detail(PASSES[:at] + end)


@pytest.mark.parametrize(
    "data",
    [
        PASSES,
        saved(PICTURE.convert("L"), "JPEG", quality=90, progressive=True),
        saved(PICTURE.convert("CMYK"), "JPEG", quality=90, progressive=True),
        saved(PICTURE, "JPEG", quality=90, progressive=True, restart_marker_rows=1),
        CUT["jpeg"],
        cmyk_jpeg(),
    ],
)
@pytest.mark.parametrize("missing", [0, 1, 2])
def test_a_jpeg_that_has_all_its_passes_and_no_end_is_whole(data: bytes, missing: int) -> None:
    """R09"""
    assert isinstance(compress(data[: len(data) - missing], 50, None, MAX_PIXELS), Compressed)


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8", b"\xff\xd8\xff\xda", b"\xff\xd8\xff\xc2\0\2\xff\xda\0\3\x09"]
)
def test_markers_that_lead_nowhere_break_nothing(data: bytes) -> None:
    assert scans_of(data) is None


def test_every_cut_of_a_small_file_is_told_without_an_exception() -> None:
    """R19"""
    for whole in (jpeg(), jpeg(progressive=True), saved(Image.new("L", (9, 9), 3), "PNG")):
        for size in range(0, len(whole) - 32, 7):
            assert isinstance(compress(whole[:size], 50, None, MAX_PIXELS), Failure)


def test_a_png_cut_between_its_chunks_says_how_much_there_was() -> None:
    whole = CUT["png"]
    at = whole.index(b"IDAT") - 4
    length = int.from_bytes(whole[at : at + 4], "big")
    half = png_chunk(b"IDAT", whole[at + 8 : at + 8 + length // 2])
    assert "breaks off" in detail(whole[:at] + half)


class Handed:
    """What zlib is handed, counted."""

    size = 0


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> Handed:
    handed = Handed()

    class Inflating:
        def __init__(self, wbits: int) -> None:
            self._inflating = zlib.decompressobj(wbits)

        def decompress(self, data: bytes, most: int) -> bytes:
            handed.size += len(data)
            return self._inflating.decompress(data, most)

        def __getattr__(self, name: str) -> object:
            return getattr(self._inflating, name)

    class Zlib:
        error, decompressobj, adler32, MAX_WBITS = zlib.error, Inflating, zlib.adler32, zlib.MAX_WBITS

    monkeypatch.setattr(png_pixels, "zlib", Zlib)
    return handed


def test_a_large_png_in_one_chunk_is_not_handed_to_zlib_again_and_again(handed: Handed) -> None:
    """R19: what zlib does not take at once comes back as a copy. Of a whole chunk that was one for each
    64 KiB of pixels, so that a large file overran the CPU of its decoder and was told as crashed.
    """
    rows = b"".join(b"\0" + random.randbytes(3 * 600) for _ in range(600))
    head = saved(Image.new("RGB", (600, 600)), "PNG")[:HEAD_BYTES]
    whole = head + png_chunk(b"IDAT", zlib.compress(rows))
    cut = whole[: len(whole) * 9 // 10]
    assert "breaks off" in detail(cut)
    assert 0 < handed.size < 3 * len(cut)  # twice looked at


def test_of_a_header_that_claims_too_much_nothing_is_inflated(handed: Handed) -> None:
    """Its checksum is wrong, so nobody has looked at its size before."""
    png = CUT["png"]
    boasting = png[:16] + (2**31 - 1).to_bytes(4, "big") * 2 + png[24:]
    assert "breaks off" not in detail(boasting)
    assert handed.size == 0
