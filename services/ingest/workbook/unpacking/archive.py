"""The ZIP that a workbook is packed in: its parts, unpacked piece by piece.

What its directory says of sizes is not believed: a part ends there at the latest, and all bytes are counted.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO

from services.ingest.workbook.limits import DIRECTORY_BYTES
from services.ingest.workbook.refusals import broken_off, damaged, encrypted
from services.ingest.workbook.unpacking.budget import Budget

PIECE_BYTES = 64 * 1024
_ENCRYPTED = 1  # a bit of an entry's flags
_COMPRESSIONS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_BROKEN = (  # what the reader of ZIPs raises for one that is
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError),
    *(RuntimeError, ValueError, OverflowError),  # of which NotImplementedError and UnicodeDecodeError are
)


@dataclass(frozen=True, slots=True)
class Archive:
    _zip: zipfile.ZipFile
    _entries: Mapping[str, zipfile.ZipInfo]
    budget: Budget

    @property
    def unpacked_bytes(self) -> int:
        """As the directory says."""
        return sum(entry.file_size for entry in self._entries.values())

    def names(self) -> list[str]:
        """In small letters: writers do not agree with themselves."""
        return list(self._entries)

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._entries

    def pieces(self, name: str) -> Iterator[bytes]:
        """Raises `UnreadableCsv` for a part that is missing, damaged or encrypted."""
        entry = self._entries.get(_plain(name))
        if entry is None:
            raise damaged("a part of it is missing")
        if entry.flag_bits & _ENCRYPTED:
            raise encrypted()
        if entry.compress_type not in _COMPRESSIONS:
            raise damaged("a part of it is packed in an unknown way")
        try:
            with self._zip.open(entry) as part:
                while piece := part.read(PIECE_BYTES):
                    self.budget.count_bytes(len(piece))
                    yield piece
        except _BROKEN as error:
            raise damaged("a part of it cannot be unpacked") from error

    def holds(self, name: str, word: bytes) -> bool:
        """Whether the word is anywhere in a part. That counts apart: it is read besides."""
        tail = b""
        for piece in replace(self, budget=Budget(self.budget.limits)).pieces(name):
            if word in tail + piece:
                return True
            tail = piece[-len(word) :]
        return False


def open_archive(file: BinaryIO, budget: Budget) -> Archive:
    """Raises `UnreadableCsv` for a file that is no whole ZIP. Nothing is unpacked yet."""
    bounded: BinaryIO = _BoundedReads(file)  # type: ignore[assignment] # all that the reader of ZIPs asks for
    try:
        packed = zipfile.ZipFile(bounded)
    except _BROKEN as error:
        raise broken_off() from error
    return Archive(packed, {_plain(entry.filename): entry for entry in packed.infolist()}, budget)


class _BoundedReads:
    """A file of which only so much is read at once: the directory is read as a whole, however large it is."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_SET and offset < 0:  # what a disk calls an error of its own
            raise damaged("its directory leads nowhere")
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def read(self, size: int = -1) -> bytes:
        if size > DIRECTORY_BYTES:
            raise damaged("it has too many parts")
        data = self._file.read(size if size >= 0 else DIRECTORY_BYTES + 1)
        if len(data) > DIRECTORY_BYTES:
            raise damaged("it has too many parts")
        return data


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()
