"""Idempotency-Keys of uploads that were not answered yet, so that a repeat after a cut is the same request.

A key is made of the file, the options and the server, and a part by chance: an upload that was answered is
forgotten, and the same file uploaded once more is a new request.
"""

import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

_KEPT_SECONDS = 6 * 24 * 3600  # the server knows a key for 7 days


@dataclass(frozen=True)
class PendingUpload:
    """`key` is what this upload is sent with, now and when it is repeated."""

    key: str
    file: Path | None
    repeated: bool = False

    def answered(self) -> None:
        if self.file:
            self.file.unlink(missing_ok=True)


def pending_upload(
    folder: Path | None, *, url: str, account: str, filename: str, fingerprint: str, fields: Mapping[str, str]
) -> PendingUpload:
    """The one that was begun, or a new one. Where nothing can be kept, a repeat is a new request."""
    told = json.dumps(
        [url, sha256(account.encode()).hexdigest(), filename, fingerprint, dict(sorted(fields.items()))]
    )
    digest = sha256(told.encode()).hexdigest()[:32]
    new = f"{digest}-{secrets.token_hex(8)}"
    if folder is None:
        return PendingUpload(new, None)
    file = folder / "uploads" / digest
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (
            file.exists()
            and time.time() - file.stat().st_mtime < _KEPT_SECONDS
            and (kept := file.read_text("ascii"))
        ):
            return PendingUpload(kept, file, repeated=True)
        unfinished = file.with_name(f"{digest}.{secrets.token_hex(4)}")
        unfinished.write_text(new, "ascii")
        unfinished.replace(file)
    except (OSError, ValueError):
        return PendingUpload(new, None)
    return PendingUpload(new, file)
