"""Turns the bytes of an uploaded file into lines of text: finds the encoding, refuses a file that is no text.

It reads any seekable binary file from its start, in pieces of bounded size, and knows nothing of columns.
"""

import codecs
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from services.ingest.csv_file.verdicts import CellError, ErrorCode, UnreadableCsv

PIECE_BYTES = 256 * 1024
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
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"RIFF", "a WebP image or a sound"),
    (b'{"', "JSON"),
    (b"[{", "JSON"),
    (b"<!", "a web page"),
    (b"<html", "a web page"),
    (b"<?xml", "XML"),
)
_PUBLIC_NAMES = {"utf-8-sig": "utf-8", "cp1252": "windows-1252", "cp932": "shift_jis"}
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_ASCII_LETTER = re.compile(r"[A-Za-z]")


@contextmanager
def text_lines(file: BinaryIO, encoding: str, max_characters: int) -> Iterator[Iterator[str]]:
    """Lines with their ends (LF, CRLF or a lone CR). One that is too long comes one character too long."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=encoding, newline="")
    text._CHUNK_SIZE = PIECE_BYTES  # type: ignore[attr-defined] # noqa: SLF001 - 8 KiB, and no other way
    try:
        yield iter(lambda: text.readline(max_characters + 1), "")
    finally:
        text.detach()  # the file stays open


def public_name(encoding: str) -> str:
    """The codec as everybody else calls it."""
    return _PUBLIC_NAMES.get(encoding, encoding)


def find_encoding(file: BinaryIO) -> str:
    """The name of the codec that decodes the whole file; `UnreadableCsv` when none does."""
    file.seek(0)
    head = file.read(PIECE_BYTES)
    if not head:
        raise _unreadable(
            ErrorCode.EMPTY_FILE,
            "The file is empty (0 bytes).",
            "Nothing of it arrived: open it, save it again as CSV UTF-8, and upload the new file.",
        )
    begins = head.removeprefix(codecs.BOM_UTF8)
    text = b"".join(begins[:BEGINNING_BYTES].split()).lower()
    for signature, kind in _NOT_TEXT:
        if begins.startswith(signature) or text.startswith(signature):
            raise _unreadable(
                ErrorCode.NOT_CSV,
                f"The file is {kind}, not a CSV.",
                "Open it in its program and save or export it as CSV UTF-8.",
            )
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if head.startswith(mark)), None)
    for encoding in _candidates(file, head) if marked is None else (marked,):
        if _decodes(file, encoding):
            return encoding
    raise _unreadable(
        ErrorCode.UNKNOWN_ENCODING,
        "The file is not text in UTF-8, UTF-16, Windows-1252 or Shift-JIS.",
        "Open it in your spreadsheet and save it as CSV UTF-8.",
    )


def _unreadable(code: ErrorCode, problem: str, advice: str) -> UnreadableCsv:
    return UnreadableCsv(CellError(code=code, problem=problem, advice=advice))


def _candidates(file: BinaryIO, head: bytes) -> Iterator[str]:
    wide = _wide_encoding(head)
    if wide is not None:
        yield wide
    yield "utf-8"
    if wide is None and _looks_japanese(_first_beyond_ascii(file)):
        yield "cp932"
    yield "cp1252"


def _first_beyond_ascii(file: BinaryIO) -> bytes:
    """The first piece that is not all ASCII. As all pieces before it are, it begins with a whole letter."""
    file.seek(0)
    piece = file.read(PIECE_BYTES)
    while piece.isascii() and (following := file.read(PIECE_BYTES)):
        piece = following
    return piece


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 without its mark: of mostly ASCII text every other byte is zero, and hardly any byte between."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    least = len(head) // 5
    if odd > least and even * 10 < odd:
        return "utf-16-le"
    if even > least and odd * 10 < even:
        return "utf-16-be"
    return None


def _looks_japanese(head: bytes) -> bool:
    """Accented letters of Windows-1252 stand among ASCII letters; Japanese words stand apart from them."""
    try:
        text = codecs.getincrementaldecoder("cp932")().decode(head)
    except UnicodeDecodeError:
        return False
    votes = 0
    for run in _BEYOND_ASCII.finditer(text):
        beside = text[max(run.start() - 1, 0) : run.start()] + text[run.end() : run.end() + 1]
        private = any("\ue000" <= character <= "\uf8ff" for character in run.group())
        votes += -1 if private or _ASCII_LETTER.search(beside) else 1
    return votes > 0


def _decodes(file: BinaryIO, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    try:
        while piece := file.read(PIECE_BYTES):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
