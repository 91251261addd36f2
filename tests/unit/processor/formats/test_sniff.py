"""Formats are told by content."""

import pytest

from services.processor.formats.sniff import sniff
from services.processor.verdicts import Failure
from shared.contract.picture_formats import PictureFormat


def ftyp(brand: bytes, *others: bytes) -> bytes:
    body = b"ftyp" + brand + b"\0\0\0\0" + b"".join(others)
    return (len(body) + 4).to_bytes(4, "big") + body


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xff\xd8\xff\xe0", PictureFormat.JPEG),
        (b"\x89PNG\r\n\x1a\n", PictureFormat.PNG),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", PictureFormat.WEBP),
        (b"GIF89a", PictureFormat.GIF),
        (b"BM" + bytes(12) + b"\x28\0\0\0", PictureFormat.BMP),
        (b"II*\0", PictureFormat.TIFF),
        (b"MM\0*", PictureFormat.TIFF),
        (ftyp(b"avif"), PictureFormat.AVIF),
        (ftyp(b"mif1", b"avif"), PictureFormat.AVIF),
    ],
)
def test_a_supported_format_is_known(data: bytes, expected: PictureFormat) -> None:
    assert sniff(data) is expected


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "not_an_image"),
        (b"\0" * 100, "not_an_image"),
        (b"<!DOCTYPE html><html>", "not_an_image"),
        (b"<html><body><svg></svg>", "not_an_image"),
        (b'{"error": 1}', "not_an_image"),
        (b"\x1f\x8b\x08gzip", "not_an_image"),
        (b"BMW is a car, not a bitmap", "not_an_image"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", "not_an_image"),
        (ftyp(b"isom", b"mp42"), "not_an_image"),
        (b"%PDF-1.7", "unsupported_format"),
        (b"<svg xmlns='x'>", "unsupported_format"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a -->\n<svg>", "unsupported_format"),
        (b"<?xml version='1.0'?><rss>", "not_an_image"),
        (ftyp(b"heic", b"mif1"), "unsupported_format"),
        (b"8BPS\0\1", "unsupported_format"),
        (b"\0\0\1\0\1\0", "unsupported_format"),
        (b"\xff\x0a", "unsupported_format"),
    ],
)
def test_everything_else_is_told_apart(data: bytes, code: str) -> None:
    """R19"""
    verdict = sniff(data)
    assert isinstance(verdict, Failure)
    assert verdict.code == code


def test_a_hostile_text_is_sniffed_in_no_time() -> None:
    assert isinstance(sniff(b"<!--" * 1_000_000), Failure)
    assert isinstance(sniff(b"<?xml" * 1_000_000), Failure)
