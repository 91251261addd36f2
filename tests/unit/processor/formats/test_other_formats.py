"""Pictures that are not read are told by the name of their format: they are neither damaged nor no image."""

import struct

import pytest
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from services.processor.codec.compress import compress
from services.processor.verdicts import Compressed, Failure
from tests.worlds.colour.odd_files import bmp_of_15_bits
from tests.worlds.colour.paintings import EXAMPLE
from tests.worlds.files.pictures import jpeg, photo, saved

MAX_PIXELS = 1_000_000


def told(data: bytes) -> tuple[str, str]:
    verdict = compress(data, 50, None, MAX_PIXELS)
    assert isinstance(verdict, Failure), verdict
    return verdict.code, verdict.detail or ""


def tiff(tags: dict[int, object], **options: object) -> bytes:
    directory = ImageFileDirectory_v2()
    for number, value in tags.items():
        directory[number] = value
    return saved(photo(), "TIFF", tiffinfo=directory, **options)


def table(*entries: tuple[int, int, int, int], at: int, following: int = 0) -> bytes:
    rows = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + rows + struct.pack("<I", following)


def raw_with_preview(make: bytes) -> bytes:
    """A camera's file: a small picture first, the sensor's mosaic in a table below it."""
    text = make + b"\0"
    first = 8 + 2 + 5 * 12 + 4
    preview = table(
        (254, 4, 1, 1),
        (256, 4, 1, 160),
        (257, 4, 1, 120),
        (271, 2, len(text), first),
        (330, 4, 1, first + 64),
        at=8,
    )
    mosaic = table((254, 4, 1, 0), (256, 4, 1, 6000), (257, 4, 1, 4000), (262, 3, 1, 32803), at=first + 64)
    return b"II*\0" + struct.pack("<I", 8) + preview + text.ljust(64, b"\0") + mosaic + bytes(500)


CAMERA_RAW = {
    "NEF": raw_with_preview(b"NIKON CORPORATION"),
    "ARW": raw_with_preview(b"SONY"),
    "PEF": raw_with_preview(b"PENTAX"),
    "SRW": raw_with_preview(b"SAMSUNG"),
    "DNG": tiff({50706: b"\1\4\0\0", 271: "Google"}),
    "CR2": b"II*\0\x10\0\0\0CR\2\0" + bytes(500),
    "camera raw": raw_with_preview(b"NOBODY KNOWS"),
    "CR3": struct.pack(">I", 24) + b"ftypcrx \0\0\0\1crx isom" + bytes(100),
    "RAF": b"FUJIFILMCCD-RAW 0201FF383001" + bytes(500),
    "ORF": b"IIRO\x08\0\0\0" + bytes(500),
    "RW2": b"IIU\0\x18\0\0\0" + bytes(500),
    "X3F": b"FOVb" + bytes(500),
}
BY_PILLOW = {
    "TGA": saved(photo(), "TGA"),
    "ICNS": saved(photo(size=(128, 128)), "ICNS"),
    "ICO": saved(photo(size=(64, 64)), "ICO"),
    "JPEG 2000": saved(photo(), "JPEG2000"),
    "PCX": saved(photo(), "PCX"),
    "SGI": saved(photo(), "SGI"),
    "PPM": saved(photo(), "PPM"),
    "XBM": saved(photo("1"), "XBM"),
    "EPS": saved(photo(), "EPS"),
    "PDF": saved(photo(), "PDF"),
    "DDS": saved(photo(), "DDS"),
    "QOI": saved(photo(), "QOI"),
}
BY_HAND = {
    "TGA": struct.pack("<BBBHHBHHHHBB", 0, 0, 10, 0, 0, 0, 0, 0, 4, 4, 24, 0x20) + bytes(60),
    "TGA with a palette": struct.pack("<BBBHHBHHHHBB", 0, 1, 1, 0, 2, 24, 0, 0, 4, 4, 8, 0) + bytes(22),
    "EXR": b"\x76\x2f\x31\x01\x02\0\0\0channels\0" + bytes(100),
    "HDR": b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 4 +X 4\n" + bytes(64),
    "JPEG-LS": b"\xff\xd8\xff\xf7\0\x0b\x08\0\x40\0\x60\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\0\0\0"
    + bytes(9),
    "JPEG XL": b"\0\0\0\x0cJXL \r\n\x87\n\0\0\0\x14ftypjxl \0\0\0\0jxl ",
    "HEIC": struct.pack(">I", 24) + b"ftypmif1\0\0\0\0mif1heic" + bytes(100),
    "XCF": b"gimp xcf v011\0" + bytes(20),
    "PSD": b"8BPS\0\1" + bytes(60),
    "WMF": b"\x01\0\x09\0\0\x03" + bytes(60),
    "EMF": b"\x01\0\0\0\x6c\0\0\0" + bytes(32) + b" EMF\0\0\1\0",
    "CUR": b"\0\0\2\0\1\0\x20\x20\0\0\0\0\0\0" + bytes(60),
    "FITS": b"SIMPLE  =                    T" + bytes(100),
    "ILBM": b"FORM\0\0\0\x60ILBMBMHD" + bytes(90),
    "bitmap": b"BM" + bytes(12) + b"\x10\0\0\0" + bytes(60),
}


@pytest.mark.parametrize("name", CAMERA_RAW)
def test_what_a_camera_saw_is_told_by_name(name: str) -> None:
    """R19: it was damaged, or a small preview was taken for the picture."""
    code, detail = told(CAMERA_RAW[name])
    assert code == "unsupported_format"
    assert name in detail


@pytest.mark.parametrize("name", BY_PILLOW)
def test_a_format_that_is_not_read_is_told_by_name(name: str) -> None:
    """R19"""
    code, detail = told(BY_PILLOW[name])
    assert code == "unsupported_format"
    assert name in detail


@pytest.mark.parametrize("name", BY_HAND)
def test_a_rarer_format_that_is_not_read_is_told_by_name(name: str) -> None:
    """R19"""
    code, detail = told(BY_HAND[name])
    assert code == "unsupported_format"
    assert name.partition(" with ")[0] in detail


def with_compression(number: int) -> bytes:
    data = bytearray(bmp_of_15_bits(EXAMPLE.painted()))
    data[30:34] = struct.pack("<I", number)
    return bytes(data)


@pytest.mark.parametrize("data", [with_compression(4), with_compression(5), with_compression(11)])
def test_a_whole_bitmap_of_a_rare_kind_is_not_damaged(data: bytes) -> None:
    """R19: with JPEG or PNG inside, or in CMYK."""
    code, detail = told(data)
    assert code == "unsupported_format"
    assert "BMP" in detail


@pytest.mark.parametrize(("tag", "value"), [(259, 34712), (259, 34887), (259, 50001), (258, 24)])
def test_a_whole_tiff_of_a_rare_kind_is_not_damaged(tag: int, value: int) -> None:
    """R19: with JPEG 2000, LERC or WebP inside, or of 24 bits."""
    data = bytearray(saved(photo("L"), "TIFF"))
    entry = data.index(struct.pack("<HH", tag, 3))
    data[entry + 8 : entry + 10] = struct.pack("<H", value)
    code, detail = told(bytes(data))
    assert code == "unsupported_format"
    assert "TIFF" in detail


def test_a_bigtiff_of_the_order_that_is_not_read_is_told() -> None:
    data = saved(photo(), "TIFF", big_tiff=True)
    assert isinstance(compress(data, 50, None, MAX_PIXELS), Compressed)
    assert told(b"MM\0\x2b\0\x08\0\0" + data[8:]) == (
        "unsupported_format",
        "a BigTIFF in big-endian order is not supported",
    )


def test_a_finished_picture_of_a_camera_is_no_raw_file() -> None:
    """Its maker's name alone says nothing."""
    for make in ("NIKON CORPORATION", "SONY", "Canon"):
        assert isinstance(compress(tiff({271: make}), 50, None, MAX_PIXELS), Compressed)
    assert isinstance(compress(jpeg(), 50, None, MAX_PIXELS), Compressed)


@pytest.mark.parametrize(
    "data",
    [
        bytes(1000),
        b"P.S. a letter",
        b'{"image": null}',
        b"<html>",
        b"#include <stdio.h>\n#define WIDTH 3\n",
        b"\0\0\2" + bytes(40),
        b"FORM fields are missing",
    ],
)
def test_what_is_no_picture_stays_none(data: bytes) -> None:
    """R19"""
    assert told(data)[0] == "not_an_image"


def test_an_animation_of_another_kind_is_told() -> None:
    assert told(b"\x8aMNG\r\n\x1a\n" + bytes(40))[1].startswith("MNG")
