"""What the first bytes of a file tell: a byte order mark, or that it is no text at all (pure)."""

import codecs
import re
from typing import NamedTuple


class NotText(NamedTuple):
    kind: str
    advice: str


BEGINNING_BYTES = 256
UNPACK = "Take the file with your products out of the archive, and upload it alone."
_SAVE_AS = "Open it in its program and save or export it as CSV UTF-8."
_EXPORT = "Export the table as CSV."
_LIST = "Upload the list that holds the addresses of your pictures: Pixmill fetches them from there."

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT = (
    (b"PK\x03\x04", NotText("a ZIP archive or an Excel workbook", _SAVE_AS)),
    (b"\xd0\xcf\x11\xe0", NotText("an old Excel workbook", _SAVE_AS)),
    (b"%PDF-", NotText("a PDF document", _SAVE_AS)),
    (b"\x89PNG", NotText("a PNG image", _LIST)),
    (b"\xff\xd8\xff", NotText("a JPEG image", _LIST)),
    (b"GIF8", NotText("a GIF image", _LIST)),
    (b"\x1f\x8b", NotText("a gzip archive", UNPACK)),
    (b"BZh", NotText("a bzip2 archive", UNPACK)),
    (b"\xfd7zXZ", NotText("an xz archive", UNPACK)),
    (b"(\xb5/\xfd", NotText("a Zstandard archive", UNPACK)),
    (b"MZ\x90\x00", NotText("a program", _SAVE_AS)),
    (b"\x7fELF", NotText("a program", _SAVE_AS)),
    (b"7z\xbc\xaf", NotText("a 7-Zip archive", UNPACK)),
    (b"Rar!", NotText("a RAR archive", UNPACK)),
    (b"RIFF", NotText("a WebP image or a sound", _LIST)),
    (b'{"', NotText("JSON", _SAVE_AS)),
    (b"[{", NotText("JSON", _SAVE_AS)),
    (b'["', NotText("JSON", _SAVE_AS)),
    (b"[[", NotText("JSON", _SAVE_AS)),
    (b"{\\rtf", NotText("a formatted text (RTF)", _SAVE_AS)),
    (b"insertinto", NotText("SQL", _EXPORT)),
    (b"--phpmyadmin", NotText("SQL", _EXPORT)),
    (b"--mysqldump", NotText("SQL", _EXPORT)),
    (b"<!", NotText("a web page", _SAVE_AS)),
    (b"<html", NotText("a web page", _SAVE_AS)),
    (b"<?xml", NotText("XML", _SAVE_AS)),
)
_MARKUP = NotText("a web page or XML", _SAVE_AS)  # as an error in place of a list
_BEGINS_WITH_TAG = re.compile(rb"\s*<(?!https?:)[a-z][^<>]*>(?: *[\r\n]\s*)?(?:<|\Z)", re.IGNORECASE)


def not_text(head: bytes) -> NotText | None:
    """What the file is when it is no text, and what helps."""
    begins = head.removeprefix(codecs.BOM_UTF8)
    text = b"".join(begins[:BEGINNING_BYTES].split()).lower()
    found = (what for mark, what in _NOT_TEXT if begins.startswith(mark) or text.startswith(mark))
    return next(found, _MARKUP if _BEGINS_WITH_TAG.match(begins) else None)


def marked_encoding(head: bytes) -> str | None:
    """The codec whose byte order mark the file begins with."""
    return next((codec for mark, codec in _BYTE_ORDER_MARKS if head.startswith(mark)), None)
