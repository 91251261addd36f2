"""The texts that the cells of a workbook share. There may be millions, so they lie in files of ours."""

import os
from array import array
from collections.abc import Iterator
from typing import BinaryIO

from services.ingest.csv_file.spool import OpenSpool
from services.ingest.workbook.limits import WorkbookLimits
from services.ingest.workbook.unpacking.archive import Archive
from services.ingest.workbook.unpacking.markup import Attributes, Handler, read_markup
from services.ingest.workbook.xlsx.names import PREFIXES
from services.ingest.workbook.xlsx.texts import unescaped

READ_AHEAD_BYTES = 16 * 1024  # cells ask for texts mostly in their order
REMEMBERED, SHORT_BYTES = 10_000, 200  # short texts that many cells share
_PLACE = 8  # bytes of a number that says where a text begins


class SharedStrings:
    def __init__(self, texts: BinaryIO, places: BinaryIO, count: int) -> None:
        self._texts, self._places, self._count = _Reads(texts), _Reads(places), count
        self._remembered: dict[int, str] = {}

    def text(self, index: int) -> str | None:
        """None where there is no such text."""
        known = self._remembered.get(index)
        if known is not None:
            return known
        if not 0 <= index < self._count:
            return None
        begin, end = array("Q", self._places.read(index * _PLACE, 2 * _PLACE))
        text = self._texts.read(begin, end - begin).decode()
        if end - begin <= SHORT_BYTES:
            self._remember(index, text)
        return text

    def _remember(self, index: int, text: str) -> None:
        if len(self._remembered) >= REMEMBERED:
            self._remembered.clear()
        self._remembered[index] = text


def read_shared_strings(archive: Archive, part: str | None, open_spool: OpenSpool) -> SharedStrings:
    """Its two files are closed with all of the upload's."""
    texts, places = open_spool(), open_spool()
    count = 0
    if part is not None and part in archive:
        count = _write(archive, part, texts, places)
    return SharedStrings(texts, places, count)


def _write(archive: Archive, part: str, texts: BinaryIO, places: BinaryIO) -> int:
    found = _Texts(archive.budget.limits)
    count = at = 0
    places.write(array("Q", [0]).tobytes())
    for _ in read_markup(archive.pieces(part), found, archive.budget):
        written = [text.encode("utf-8", "surrogatepass") for text in found.take()]
        texts.write(b"".join(written))
        places.write(array("Q", _ends(written, at)).tobytes())
        at += sum(map(len, written))
        count += len(written)
    return count


def _ends(written: list[bytes], at: int) -> Iterator[int]:
    for each in written:
        at += len(each)
        yield at


class _Texts(Handler):
    prefixes = PREFIXES

    def __init__(self, limits: WorkbookLimits) -> None:
        self._limits = limits
        self._whole: list[str] = []
        self._pieces: list[str] = []
        self._characters = 0
        self._is_text = False
        self._phonetic = 0  # how a word is spoken stands beside it

    def take(self) -> list[str]:
        whole, self._whole = self._whole, []
        return whole

    def start(self, name: str, attributes: Attributes) -> None:  # noqa: ARG002 - none of them matters
        if name == "t":
            self._is_text = not self._phonetic
        elif name == "rPh":
            self._phonetic += 1

    def end(self, name: str) -> None:
        if name == "t":
            self._is_text = False
        elif name == "rPh":
            self._phonetic -= 1
        elif name == "si":
            self._whole.append(unescaped("".join(self._pieces)))
            self._pieces.clear()
            self._characters = 0

    def text(self, text: str) -> None:
        if self._is_text:
            self._characters += len(text)
            if self._characters > self._limits.csv.cell_characters:
                raise self._limits.csv.cell_too_long(None)
            self._pieces.append(text)


class _Reads:
    """Reads from any place of a file, a little ahead: a spool's own buffer is far too large for that."""

    def __init__(self, spool: BinaryIO) -> None:
        self._descriptor = spool.fileno()
        spool.flush()
        self._begin = 0
        self._ahead = b""

    def read(self, begin: int, length: int) -> bytes:
        offset = begin - self._begin
        if not 0 <= offset <= len(self._ahead) - length:
            self._ahead = os.pread(self._descriptor, max(length, READ_AHEAD_BYTES), begin)
            self._begin, offset = begin, 0
        return self._ahead[offset : offset + length]
