"""Files as hosts really send them: cut off, pretending, or two things at once. Each ends said clearly."""

import gc
import gzip
import struct

import pytest
from PIL import Image

from services.processor.codec.compress import compress
from services.processor.codec.mend import with_end
from services.processor.verdicts import Compressed, Failure
from shared.contract.codes import hint_of
from shared.contract.picture_formats import PictureFormat
from tests.worlds.files.pictures import SECRET, cmyk_jpeg, jpeg, photo, png_bomb, saved

MAX_PIXELS = 1_000_000
JPEGS = {
    "plain": jpeg(),
    "progressive": jpeg(progressive=True),
    "grey": saved(photo("L"), "JPEG"),
    "cmyk": cmyk_jpeg(),
}


ARITHMETIC_SCAN = bytes.fromhex(
    "ffda0008010100003f00ff006692c5b8acc207e3b25358e49a06b9d3e919ccb73b24452695fb4e0308334024"
    "1de48d8dcbb347fabbce67fab44f3c153eca647429afc50d311c2058cd5661d16c2a4b1ed8adddf0ffd9"
)


def arithmetic_jpeg() -> bytes:
    """A small grey one. Pillow writes none of this coding."""
    head, _, _ = saved(photo("L", size=(16, 16)), "JPEG").partition(b"\xff\xc4")
    return head.replace(b"\xff\xc0", b"\xff\xc9") + ARITHMETIC_SCAN


def code(data: bytes) -> str:
    verdict = compress(data, 50, None, MAX_PIXELS)
    assert isinstance(verdict, Failure), verdict
    assert verdict.detail
    return verdict.code


@pytest.mark.parametrize("name", ["plain", "progressive", "grey"])
@pytest.mark.parametrize("missing", [1, 2])
def test_a_jpeg_that_misses_only_its_end_marker_is_whole(name: str, missing: int) -> None:
    """R09"""
    whole = compress(JPEGS[name], 50, None, MAX_PIXELS)
    assert compress(JPEGS[name][:-missing], 50, None, MAX_PIXELS) == whole


def test_a_jpeg_of_a_rare_sampling_that_misses_only_its_end_marker_is_whole() -> None:
    """R09: simplejpeg has no name for it, which ended the decoder."""
    data = jpeg().replace(b"\3\1\x22\0", b"\3\1\x14\0")  # 1 by 4: as many blocks as 2 by 2
    assert data != jpeg()
    assert compress(data[:-2], 50, None, MAX_PIXELS) == compress(data, 50, None, MAX_PIXELS)


@pytest.mark.parametrize("name", JPEGS)
@pytest.mark.parametrize("missing", [3, 4, 10, 200])
def test_a_jpeg_that_misses_pixels_is_damaged(name: str, missing: int) -> None:
    """R09, R19"""
    assert code(JPEGS[name][:-missing]) == "damaged"


@pytest.mark.parametrize("missing", [1, 2, 3, 40, 70])
def test_an_arithmetic_jpeg_that_is_cut_is_damaged(missing: int) -> None:
    """R09, R19: libjpeg fills it with zeros and warns of nothing."""
    data = arithmetic_jpeg()
    assert isinstance(compress(data, 50, None, MAX_PIXELS), Compressed)
    assert code(data[:-missing]) == "damaged"


def test_no_jpeg_is_decoded_before_its_pixels_are_counted() -> None:
    huge = bytearray(jpeg()[:-2])
    at = huge.index(b"\xff\xc0") + 5
    huge[at : at + 4] = b"\xff\xff\xff\xff"
    assert with_end(bytes(huge), MAX_PIXELS) == huge
    assert code(bytes(huge)) == "too_many_pixels"


def test_what_follows_a_picture_is_not_carried_on() -> None:
    """R20: a file that is a picture and an archive comes out as a picture."""
    for data in (jpeg(quality=5), saved(photo().quantize(4), "GIF"), saved(photo(), "AVIF", quality=4)):
        verdict = compress(data + b"PK\x03\x04" + SECRET * 100, 50, None, MAX_PIXELS)
        assert isinstance(verdict, Compressed)
        assert SECRET not in verdict.data


NO_IMAGES = {
    "nothing": b"",
    "a page": b"<!DOCTYPE html><html><img src=x></html>",
    "a script in a picture's clothes": b"\n<script>alert(1)</script>\xff\xd8\xff",
    "an error as JSON": b'{"error": "not found"}',
    "a picture in gzip": gzip.compress(jpeg()),
    "a bomb in gzip": gzip.compress(bytes(30_000_000)),
    "a film": b"\0\0\0\x18ftypisom\0\0\0\0isommp42",
    "zeros": bytes(10_000),
}
UNSUPPORTED = {
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(100),
    "SVG": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script/></svg>',
    "PDF": b"%PDF-1.7\n",
    "JPEG XL": b"\xff\x0a" + bytes(50),
    "JPEG 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40),
    "Photoshop": b"8BPS\0\1" + bytes(50),
    "icon": b"\0\0\1\0\1\0" + bytes(60),
}


@pytest.mark.parametrize("name", NO_IMAGES)
def test_what_is_no_image_is_told_whatever_it_claims(name: str) -> None:
    """R19"""
    assert code(NO_IMAGES[name]) == "not_an_image"


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_an_image_of_another_format_is_told_by_name(name: str) -> None:
    """R19"""
    verdict = compress(UNSUPPORTED[name], 50, None, MAX_PIXELS)
    assert isinstance(verdict, Failure)
    assert verdict.code == "unsupported_format"
    assert name in (verdict.detail or "").replace("HEIF", "HEIC")


def avif_of(width: int, height: int) -> bytes:
    data = bytearray(saved(photo(), "AVIF"))
    at = data.index(b"ispe") + 8
    data[at : at + 8] = struct.pack(">II", width, height)
    return bytes(data)


def gif_of(width: int, height: int) -> bytes:
    data = bytearray(saved(photo(), "GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def gif_of_frames(count: int) -> bytes:
    """The same frame again and again: to encode so many takes seconds."""
    data = saved(photo(), "GIF")
    frames_at = 13 + 3 * 2 ** ((data[10] & 7) + 1)  # behind the header and the table of colours
    return data[:frames_at] + data[frames_at:-1] * count + data[-1:]


BOMBS = {
    "a PNG that promises": png_bomb(50_000, 50_000),
    "a GIF that promises": gif_of(65_535, 65_535),
    "a second page": saved(
        photo(),
        "TIFF",
        save_all=True,
        append_images=[photo(size=(2000, 2000))],
        compression="tiff_adobe_deflate",
    ),
    "frames without end": gif_of_frames(500),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_by_its_header(name: str) -> None:
    """R20"""
    assert code(BOMBS[name]) == "too_many_pixels"


@pytest.mark.parametrize(
    ("data", "wanted", "told"),
    [
        (png_bomb(50_000, 50_000), None, "it has 2,500,000,000 pixels, and 1,000,000 are the most"),
        (
            saved(photo(size=(1_001, 1_000)), "PNG"),
            None,
            "it has 1,001,000 pixels, and 1,000,000 are the most",
        ),
        (gif_of_frames(1_001), None, "1,000 frames, and "),
        (
            saved(photo(size=(16_384, 1)), "PNG"),
            PictureFormat.WEBP,
            "is longer than the 16,383 pixels",
        ),
    ],
)
def test_what_there_is_too_much_of_is_told_to_people(
    data: bytes, wanted: PictureFormat | None, told: str
) -> None:
    """R19: a long picture of few pixels was told to have too many."""
    verdict = compress(data, 50, wanted, MAX_PIXELS)
    assert isinstance(verdict, Failure)
    assert told in hint_of(verdict.code, verdict.detail)


def test_frames_of_a_gif_that_are_larger_than_the_whole_are_held_to_the_limit_of_all_frames() -> None:
    """R20: of 270 kB they took a decoder's whole time."""
    whole, large = (saved(Image.new("P", (side, side)), "GIF")[:-1] for side in (8, 900))
    frame = large[large.index(b"\x2c\0\0\0\0\x84\3") :]
    assert isinstance(compress(whole + frame * 2 + b";", 50, None, MAX_PIXELS), Compressed)
    assert code(whole + frame * 4 + b";") == "too_many_pixels"


def test_a_bomb_on_a_later_page_leaves_nothing_that_complains_when_it_is_collected() -> None:
    """Seen on Python 3.13, which no longer hides an error of a forgotten file's `close`."""
    assert code(BOMBS["a second page"]) == "too_many_pixels"
    gc.collect()


def test_an_avif_whose_header_lies_is_damaged_or_too_large_and_never_a_picture() -> None:
    assert code(avif_of(30_000, 30_000)) in {"damaged", "too_many_pixels"}
