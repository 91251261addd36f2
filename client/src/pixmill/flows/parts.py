"""A file while it is written: under a name beside its own, in which one writer at a time goes on."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from pixmill.flows.places import unfinished

if sys.platform != "win32":
    import fcntl


@contextmanager
def being_written(path: Path) -> Iterator[Path]:
    """Where to write it: behind what was left of it or, while somebody else does that, under a name apart."""
    part = unfinished(path)
    if sys.platform == "win32":  # where what is open gets no other name
        yield part
        return
    held = _held(part)
    if held is None:
        own = path.with_name(f"{path.name}.{os.urandom(4).hex()}.part")
        try:
            yield own
        finally:
            own.unlink(missing_ok=True)
        return
    with held:
        try:
            yield part
        finally:
            if _is_at(part, held) and os.fstat(held.fileno()).st_size == 0:
                part.unlink()


def _held(part: Path) -> BinaryIO | None:
    """Nobody else gets it until it is closed, or the process ends."""
    while True:
        file = part.open("ab")
        if not _is_free(file):
            file.close()
            return None
        if _is_at(part, file):
            return file
        file.close()  # whoever had it has given it its name meanwhile


def _is_free(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system that knows no locks
        return True
    return True


def _is_at(part: Path, file: BinaryIO) -> bool:
    try:
        return os.path.samestat(part.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
