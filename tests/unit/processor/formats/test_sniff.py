"""Formats are told by content."""

import pytest

from services.processor.formats.sniff import sniff
from services.processor.verdicts import Failure
from shared.contract.codes import FailureCode
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


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", "the answer is empty"),
        (b"<!DOCTYPE html><html>", "the answer is a web page"),
        (b"\xef\xbb\xbf\r\n<!-- cached -->\n<HTML lang='de'><body><svg></svg>", "the answer is a web page"),
        (
            b"<?xml version='1.0'?>\n<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0'>",
            "the answer is a web page",
        ),
        (b"<script>location='/login'</script>", "the answer is a web page"),
        (b"<?xml version='1.0'?><Error><Code>AccessDenied</Code></Error>", "the answer is text"),
        (b'{"error": 1}', "the answer is text"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "the answer is text"),
        ("é".encode() * 1000, "the answer is text"),
        (b"a" + "é".encode() * 1000, "the answer is text"),  # the head ends within a letter
        (b"PK\3\4\x14\0", "the answer is an archive"),
        (b"\x1f\x8b\x08\0gzip", "the answer is an archive"),
        (ftyp(b"isom", b"mp42"), "the answer is a film"),
        (b"\x1a\x45\xdf\xa3webm", "the answer is a film"),
        (b"RIFF\0\0\0\0AVI LIST", "the answer is a film"),
        (bytes(5000), "the answer begins with nothing but zero bytes"),
        (b"\x07\x13 of no kind that is known", None),
        (b"caf\xe9", None),
    ],
)
def test_of_what_is_no_image_it_is_told_what_it_is(data: bytes, found: str | None) -> None:
    """R19: what-happens-when.md promises it, and a page in place of a picture is the commonest mistake."""
    assert sniff(data) == Failure(FailureCode.NOT_AN_IMAGE, found)


def test_a_hostile_text_is_sniffed_in_no_time() -> None:
    assert isinstance(sniff(b"<!--" * 1_000_000), Failure)
    assert isinstance(sniff(b"<?xml" * 1_000_000), Failure)
    assert isinstance(sniff(b"<!---->" * 1_000_000), Failure)
    assert isinstance(sniff(b"<?xml >" * 1_000_000), Failure)
