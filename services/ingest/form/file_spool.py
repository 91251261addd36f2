"""The CSV on its way to the disk: written and hashed in large pieces, in a thread, and capped."""

import asyncio
import hashlib
from typing import BinaryIO

from services.ingest.form.refusals import too_large

WRITE_BYTES = 256 * 1024  # written at once
BEGINNING = 300  # that many bytes are kept to be looked at: more than the path of a file has


class FileSpool:
    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        self.file = file
        self.size = 0
        self.beginning = b""
        self._max_bytes = max_bytes
        self._sha256 = hashlib.sha256()
        self._waiting = bytearray()

    def add(self, data: bytes) -> None:
        self.beginning += data[: BEGINNING - len(self.beginning)]
        self.size += len(data)
        if self.size > self._max_bytes:
            raise too_large("file size", self._max_bytes, "bytes")
        self._waiting += data

    async def write_if_full(self) -> None:
        if len(self._waiting) >= WRITE_BYTES:
            await asyncio.to_thread(self._write)

    async def finish(self) -> str:
        """The SHA-256 of the whole file."""
        await asyncio.to_thread(self._write)
        return self._sha256.hexdigest()

    def _write(self) -> None:
        self._sha256.update(self._waiting)
        self.file.write(self._waiting)
        self._waiting.clear()
