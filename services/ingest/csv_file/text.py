"""Turns the bytes of an uploaded file into lines of text; refuses a file that is no text.

It reads any seekable binary file from its start, in pieces of bounded size, and knows nothing of columns.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from services.ingest.csv_file.encodings.damage import MARKING, first_damage, lets_through, marked
from services.ingest.csv_file.encodings.finder import find_encoding
from services.ingest.csv_file.encodings.found import FoundBy, FoundEncoding
from services.ingest.csv_file.encodings.known import UTF_8
from services.ingest.csv_file.encodings.names import public_name
from services.ingest.csv_file.encodings.sample import PIECE_BYTES
from services.ingest.csv_file.encodings.signatures import not_text
from services.ingest.csv_file.encodings.stated import stated_encoding
from services.ingest.csv_file.lines_ahead import LinesAhead
from services.ingest.csv_file.verdicts import CellError, ErrorCode, UnreadableCsv

BLOCK_CHARACTERS = 64 * 1024  # a run of calls of C on so many keeps nobody else waiting
NAME_IT = "or name its encoding in the field 'encoding'"


@contextmanager
def text_lines(file: BinaryIO, encoding: FoundEncoding, max_characters: int) -> Iterator[LinesAhead]:
    """Lines with their ends (LF, CRLF or a lone CR). One that is too long comes one character too long.

    In a damaged file a mark stands for each byte that does not fit.
    """
    file.seek(0)
    errors = MARKING if encoding.is_damaged else "strict"
    text = io.TextIOWrapper(file, encoding=encoding.codec, errors=errors, newline="")
    text._CHUNK_SIZE = PIECE_BYTES  # type: ignore[attr-defined] # noqa: SLF001 - 8 KiB, and no other way
    lines = iter(lambda: text.readline(max_characters + 1), "")
    try:
        if encoding.is_damaged and lets_through(encoding.codec):
            yield LinesAhead(map(marked, lines))
        else:
            yield LinesAhead(lines, lambda: text.read(BLOCK_CHARACTERS) + text.readline(max_characters + 1))
    finally:
        text.detach()  # the file stays open


def encoding_of(file: BinaryIO, stated: str | None) -> FoundEncoding:
    """The encoding to read the file in: the stated codec, or the one that is found. Else `UnreadableCsv`."""
    file.seek(0)
    head = file.read(PIECE_BYTES)
    if not head:
        raise _unreadable(
            ErrorCode.EMPTY_FILE,
            "The file is empty (0 bytes).",
            "Nothing of it arrived: open it, save it again as CSV UTF-8, and upload the new file.",
        )
    other = not_text(head)
    if other is not None:
        raise _unreadable(ErrorCode.NOT_CSV, f"The file is {other.kind}, not a CSV.", other.advice)
    found = find_encoding(file, head) if stated is None else stated_encoding(file, head, stated)
    if found is None:
        raise _not_text(file) if stated is None else _not_as_stated(stated)
    return found


def first_damaged_line(file: BinaryIO, encoding: FoundEncoding, max_characters: int) -> tuple[int, str]:
    """Its number and its text. It is read in pieces, so a line beyond the limit counts as several."""
    with text_lines(file, encoding, max_characters) as lines:
        for number, line in enumerate(lines, 1):
            if not line.isascii() and first_damage(line) is not None:
                return number, line
    raise ValueError("the file is not damaged")


def _not_as_stated(stated: str) -> UnreadableCsv:
    return _unreadable(
        ErrorCode.UNKNOWN_ENCODING,
        f"the first bytes of the file are not {public_name(stated)}",
        "Leave the field 'encoding' out, or name the one that the file was saved in.",
        row=1,
    )


def _not_text(file: BinaryIO) -> UnreadableCsv:
    as_utf_8 = FoundEncoding(codec=UTF_8, by=FoundBy.UTF_8, is_damaged=True)
    row, _ = first_damaged_line(file, as_utf_8, PIECE_BYTES)
    return _unreadable(
        ErrorCode.UNKNOWN_ENCODING,
        "the file is no text in UTF-8, and in no other encoding does it read as a language that we know",
        f"Open it in your spreadsheet and save it as CSV UTF-8, {NAME_IT}.",
        row=row,
    )


def _unreadable(code: ErrorCode, problem: str, advice: str, row: int | None = None) -> UnreadableCsv:
    return UnreadableCsv(CellError(row=row, code=code, problem=problem, advice=advice))
