"""The `Store` port over a local folder. obstore reads, lists and deletes; writing is done here, because an
object counts as written only once the disk has it: the file is synced, renamed, and its folder synced too.
"""

import asyncio
import errno
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, TypeVar

from obstore.store import LocalStore

from shared.handling import Away
from shared.store import object_store
from shared.store.object_store import BucketStore
from shared.store.port import Missing, Refused, Writer

WRITING_THREADS = 16
UNFINISHED_FOLDER = ".unfinished"
UNFINISHED_SECONDS = 86_400  # what is older was left behind by a crash
MOST_KNOWN_FOLDERS = 10_000
_REFUSED_ERRORS = frozenset({errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EINVAL, errno.EEXIST})

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A folder that vanished is `Away`, not an object that is `Missing`. Made by `open_folder`."""

    root: Path
    objects: BucketStore  # obstore's view of the same folder
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(WRITING_THREADS, "store"))
    _known_folders: set[Path] = field(default_factory=set)  # that are synced up to the root

    async def get(self, key: str) -> bytes:
        try:
            return await self.objects.get(key)
        except Missing:
            self._require_root()
            raise

    async def size(self, key: str) -> int:
        try:
            return await self.objects.size(key)
        except Missing:
            self._require_root()
            raise

    async def stream(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        try:
            async for chunk in self.objects.stream(key, start, stop):
                yield chunk
        except Missing:
            self._require_root()
            raise

    async def put(self, key: str, data: bytes) -> None:
        path = self._path(key)
        await self._written(lambda: self._write(path, data, Path.replace))

    async def put_new(self, key: str, data: bytes) -> bool:
        path = self._path(key)
        return await self._written(lambda: self._write_new(path, data))

    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator[Writer]:
        path = self._path(key)
        unfinished = self._unfinished()
        file = await self._written(lambda: unfinished.open("xb"))
        try:
            yield _FolderWriter(self, file)
            await self._written(lambda: self._finish(file, path, Path.replace))
        finally:
            file.close()
            unfinished.unlink(missing_ok=True)

    async def list(
        self, prefix: str, *, written_before: datetime | None = None
    ) -> AsyncIterator[Sequence[str]]:
        async for batch in self.objects.list(prefix, written_before=written_before):
            yield batch

    async def folders(self, prefix: str) -> Sequence[str]:
        return await self.objects.folders(prefix)

    async def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            with suppress(Missing):
                await self.objects.delete([key])

    async def check(self) -> None:
        self._require_root()
        await self.objects.check()

    def _require_root(self) -> None:
        if not self.root.is_dir():
            raise Away("store", "its folder is gone")

    def _path(self, key: str) -> Path:
        if any(part in {"", ".", ".."} for part in key.split("/")) or not key.isprintable():
            raise ValueError(f"no key: {key[:100]!r}")
        return self.root / key

    def _unfinished(self) -> Path:
        """A name that obstore hides from lists, where a crash may leave half of a file."""
        return self.root / UNFINISHED_FOLDER / f"new#{secrets.randbits(62)}"

    async def _written(self, call: Callable[[], T]) -> T:
        self._require_root()
        running = asyncio.get_running_loop().run_in_executor(self._threads, call)
        try:
            async with asyncio.timeout(object_store.STORE_TIMEOUT_SECONDS):
                return await running
        except OSError as error:  # TimeoutError is one
            self._require_root()
            if error.errno in _REFUSED_ERRORS:
                raise Refused(str(error)) from error
            raise Away("store", str(error) or "its folder does not answer") from error

    def _write_new(self, path: Path, data: bytes) -> bool:
        if path.is_file():
            return False
        try:
            self._write(path, data, lambda unfinished, new: new.hardlink_to(unfinished))
        except FileExistsError:
            if not path.is_file():
                raise
            return False
        return True

    def _write(self, path: Path, data: bytes, place: Callable[[Path, Path], object]) -> None:
        unfinished = self._unfinished()
        try:
            with unfinished.open("xb") as file:
                file.write(data)
                self._finish(file, path, place)
        finally:
            unfinished.unlink(missing_ok=True)

    def _finish(self, file: BinaryIO, path: Path, place: Callable[[Path, Path], object]) -> None:
        """In this order a crash of the machine leaves the whole object or none."""
        file.flush()
        os.fsync(file.fileno())
        path.parent.mkdir(parents=True, exist_ok=True)
        place(Path(file.name), path)
        _sync_folder(path.parent)
        self._sync_above(path.parent)

    def _sync_above(self, folder: Path) -> None:
        """A new folder must itself stand in its folder, up to the root."""
        if folder in self._known_folders or folder == self.root:
            return
        for parent in folder.parents:
            _sync_folder(parent)
            if parent == self.root:
                break
        if len(self._known_folders) >= MOST_KNOWN_FOLDERS:
            self._known_folders.clear()
        self._known_folders.add(folder)


def open_folder(root: Path) -> FolderStore:
    store = FolderStore(root, BucketStore(LocalStore(root, mkdir=True)))
    _forget_old(root / UNFINISHED_FOLDER)
    return store


def _forget_old(unfinished: Path) -> None:
    unfinished.mkdir(exist_ok=True)
    for file in unfinished.iterdir():
        with suppress(FileNotFoundError):  # another service starts at the same time
            if time.time() - file.stat().st_mtime > UNFINISHED_SECONDS:
                file.unlink()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass(frozen=True, slots=True)
class _FolderWriter:
    store: FolderStore
    file: BinaryIO

    async def write(self, data: bytes) -> None:
        await self.store._written(lambda: self.file.write(data))  # noqa: SLF001 - one mechanism, two classes
