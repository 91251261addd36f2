"""How much room the disk of a folder has, in words for whoever must make some."""

import errno
import os
from dataclasses import dataclass
from pathlib import Path

from shared.observing.vitals import has_file_left

NEEDED_BYTES = 64 * 1024 * 1024
"""With less an image's original and its result, or the files of an upload, may not find room together."""
FULL_ERRORS = frozenset({errno.ENOSPC, errno.EDQUOT})
_MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    free_bytes: int
    has_file_left: bool
    is_read_only: bool

    @property
    def is_full(self) -> bool:
        return self.free_bytes < NEEDED_BYTES or not self.has_file_left

    def __str__(self) -> str:
        if not self.has_file_left:
            return "it can hold no further file, however small"
        free, needed = self.free_bytes / _MEBIBYTE, NEEDED_BYTES / _MEBIBYTE
        if not self.is_full:
            return f"{free:,.0f} MiB are free, but not for us: a quota, or a larger file"
        return f"{free:,.1f} MiB are free, {needed:,.0f} MiB are needed"


def free_room(folder: Path) -> Room:
    disk = os.statvfs(folder)
    return Room(
        free_bytes=disk.f_bavail * disk.f_frsize,
        has_file_left=has_file_left(disk),
        is_read_only=bool(disk.f_flag & os.ST_RDONLY),
    )
