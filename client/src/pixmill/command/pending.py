"""Idempotency-Keys of uploads that were not answered yet, so that a repeat after a cut is the same request.

A key is made of the file, the options and the server, and a part by chance: once an upload was accepted, the
same file uploaded again is a new request. That it is the same is told.
"""

import json
import secrets
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

if sys.platform != "win32":
    import fcntl

_KEPT_SECONDS = 6 * 24 * 3600  # the server knows a key for 7 days
_PAUSE_SECONDS = 0.05  # until it is seen again whether another has found its key
_PAUSES = 40


@dataclass(frozen=True)
class PendingUpload:
    """`key` is what this upload is sent with, now and when it is repeated. `before` is the request that the
    same upload has become already. `unkept` is why the same upload, begun again, finds no key.
    """

    key: str
    file: Path | None
    repeated: bool = False
    before: str | None = None
    unkept: str | None = None

    def refused(self) -> None:
        if self.file:
            self.file.unlink(missing_ok=True)

    def accepted(self, request_id: str) -> None:
        """What this file became is known as long as a key is."""
        if self.file is None:
            return
        with suppress(OSError):
            _write(self.file, f"{self.key}\n{request_id}")
            _forget_old(self.file.parent)


def pending_upload(
    folder: Path | None,
    *,
    url: str,
    account: str,
    filename: str,
    fingerprint: str,
    fields: Mapping[str, str],
    sleep: Callable[[float], None] = time.sleep,
) -> PendingUpload:
    """The one that was begun, or a new one. Where nothing can be kept, a repeat is a new request."""
    told = json.dumps(
        [url, sha256(account.encode()).hexdigest(), filename, fingerprint, dict(sorted(fields.items()))]
    )
    digest = sha256(told.encode()).hexdigest()[:32]
    new = f"{digest}-{secrets.token_hex(8)}"
    if folder is None:
        return PendingUpload(new, None, unkept="there is no home folder")
    file = folder / "uploads" / digest
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(folder, sleep):
            kept, _, before = _kept(file).partition("\n")
            if kept and not before:
                return PendingUpload(kept, file, repeated=True)
            _write(file, new)
    except (OSError, ValueError) as error:
        why = f"{folder}: {getattr(error, 'strerror', None) or error}"
        return PendingUpload(new, None, unkept=why)
    return PendingUpload(new, file, before=before or None)


@contextmanager
def _alone(folder: Path, sleep: Callable[[float], None]) -> Iterator[None]:
    """Two that are started at one instant: the second finds the key of the first. Where no lock can be had,
    a key is kept all the same.
    """
    with ExitStack() as held:
        with suppress(OSError):  # the file is root's, or its file system knows no locks
            _lock(held.enter_context((folder / "uploads.lock").open("ab")), sleep)
        yield


def _lock(file: IO[bytes], sleep: Callable[[float], None]) -> None:
    """Not waited for without end: who has it may be stopped."""
    if sys.platform == "win32":
        return
    for _ in range(_PAUSES):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sleep(_PAUSE_SECONDS)
        else:
            return


def _kept(file: Path) -> str:
    """A key, and below it the request that it became; "" for nothing that still counts."""
    return file.read_text("ascii") if file.exists() and not _is_old(file) else ""


def _write(file: Path, content: str) -> None:
    unfinished = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    unfinished.write_text(content, "ascii")
    unfinished.replace(file)


def _forget_old(folder: Path) -> None:
    for file in filter(_is_old, folder.iterdir()):
        file.unlink(missing_ok=True)


def _is_old(file: Path) -> bool:
    return time.time() - file.stat().st_mtime >= _KEPT_SECONDS
