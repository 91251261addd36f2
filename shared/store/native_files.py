"""Many files written by one call, which leaves the interpreter to others meanwhile. native/write_files.c says
what it does; where it was not built, disk.py does the same in Python.
"""

import ctypes
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

LIBRARY = Path(__file__).parent / "native" / "write_files.so"


class Whole(Protocol):
    """A file of which all is known."""

    @property
    def unfinished(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def data(self) -> bytes: ...


class _File(ctypes.Structure):
    _fields_ = (
        ("unfinished", ctypes.c_char_p),
        ("path", ctypes.c_char_p),
        ("data", ctypes.c_char_p),
        ("data_bytes", ctypes.c_size_t),
        ("descriptor", ctypes.c_int),
        ("error", ctypes.c_int),
    )


@dataclass(frozen=True, slots=True)
class NativeFiles:
    _library: ctypes.CDLL

    def write(self, files: Sequence[Whole], *, may_sync_whole_disk: bool) -> Sequence[OSError | None]:
        """Each is in its place and synced, or has an error; where its folder is missing it lies synced."""
        told = (_File * len(files))(*map(_told, files))
        self._library.write_files(told, len(files), may_sync_whole_disk)
        return [_error(each.error, new.path) for each, new in zip(told, files, strict=True)]

    def sync_folder(self, folder: str) -> None:
        error = _error(self._library.sync_folder(os.fsencode(folder)), folder)
        if error is not None:
            raise error


@cache
def native_files() -> NativeFiles | None:
    """None where the library was not built."""
    try:
        library = ctypes.CDLL(str(LIBRARY))
    except OSError:
        return None
    library.write_files.restype = None
    return NativeFiles(library)


def _told(new: Whole) -> _File:
    return _File(os.fsencode(new.unfinished), os.fsencode(new.path), new.data, len(new.data))


def _error(number: int, path: str) -> OSError | None:
    return OSError(number, os.strerror(number), path) if number else None
