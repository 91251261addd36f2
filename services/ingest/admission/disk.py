"""Bounds how much of the disk uploads hold while they are read: each reserves what it may need, and gives it
back when the last of its files is closed.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import BinaryIO

from services.ingest.admission.places import BUSY_RETRY_SECONDS
from services.ingest.csv_file.spool import open_spool
from services.ingest.form.refusals import disk_full
from shared.web.places import Places
from shared.web.problems import Problem, too_many

TIMES_THE_BODY = 5  # the file itself; its rows may take four times as much, and seldom more
STEP_BYTES = 1024 * 1024  # taken beyond that, and by a body whose size nobody knows before its end


def too_much_disk(_: int) -> Problem:
    error = "Your uploads hold as much of the disk as is left for others; wait for one to end."
    return too_many(error, BUSY_RETRY_SECONDS, "too-many-uploads")


@dataclass(slots=True)
class Disk:
    """Of all uploads together; of them a tenant alone may hold half."""

    most_bytes: int
    lock: Lock = field(default_factory=Lock)  # spools are written in threads
    _places: Places = field(init=False)

    def __post_init__(self) -> None:
        self._places = Places(most=self.most_bytes, all_taken=disk_full, enough_taken=too_much_disk)

    @property
    def held_bytes(self) -> int:
        return self._places.taken

    @contextmanager
    def room_for(self, tenant: str, body_bytes: int | None) -> Iterator["UploadRoom"]:
        """For the spools of one upload; a problem where there is none."""
        wanted = STEP_BYTES if body_bytes is None else TIMES_THE_BODY * body_bytes
        room = UploadRoom(self._places, self.lock, tenant)
        with self.lock:
            room.held_bytes = self._places.take(tenant, min(wanted, self.most_bytes))
        try:
            yield room
        finally:
            room.close()


@dataclass(slots=True)
class UploadRoom:
    """What one upload may write. Whatever it left open is closed with it."""

    _places: Places
    _lock: Lock
    _tenant: str
    held_bytes: int = 0
    _used_bytes: int = 0
    _is_closed: bool = False
    _spools: list[BinaryIO] = field(default_factory=list)

    def open(self) -> BinaryIO:
        spool = open_spool(self)
        self._spools.append(spool)
        return spool

    def take(self, more_bytes: int) -> None:
        with self._lock:
            if self._is_closed:
                raise OSError(errno.EBADF, "the upload has ended")
            self._hold(self._used_bytes + more_bytes)
            self._used_bytes += more_bytes

    def give_back(self, held_bytes: int) -> None:
        with self._lock:
            self._used_bytes -= held_bytes

    def close(self) -> None:
        for spool in self._spools:
            spool.close()
        with self._lock:
            self._is_closed = True
            self._places.give_back(self._tenant, self.held_bytes)

    def _hold(self, wanted_bytes: int) -> None:
        if wanted_bytes <= self.held_bytes:
            return
        more = max(wanted_bytes - self.held_bytes, STEP_BYTES)
        if more > self._places.free:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self.held_bytes += self._places.take_more(self._tenant, more)
