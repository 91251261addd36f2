"""What the first bytes of a file tell: a byte order mark, or that it is no text at all (pure)."""

import codecs

BEGINNING_BYTES = 256

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"(\xb5/\xfd", "a Zstandard archive"),
    (b"MZ\x90\x00", "a program"),
    (b"\x7fELF", "a program"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"RIFF", "a WebP image or a sound"),
    (b'{"', "JSON"),
    (b"[{", "JSON"),
    (b"<!", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "XML"),
)


def kind_of_file(head: bytes) -> str | None:
    """What the file is when it is no text."""
    begins = head.removeprefix(codecs.BOM_UTF8)
    text = b"".join(begins[:BEGINNING_BYTES].split()).lower()
    found = (kind for mark, kind in _NOT_TEXT if begins.startswith(mark) or text.startswith(mark))
    return next(found, None)


def marked_encoding(head: bytes) -> str | None:
    """The codec whose byte order mark the file begins with."""
    return next((codec for mark, codec in _BYTE_ORDER_MARKS if head.startswith(mark)), None)
