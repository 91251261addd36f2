"""The `Store` port over a local folder. obstore reads, lists and deletes; writing is done in rounds of our
own, because an object counts as written only once the disk has it.
"""

import asyncio
import errno
import itertools
import math
import os
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from obstore.store import LocalStore

from shared.daemon_threads import DaemonThreads
from shared.outcomes import Away, Full, Refused
from shared.store import bucket
from shared.store.bucket import BucketStore
from shared.store.disk import NewFile, Place, link_if_none, replace
from shared.store.port import Missing, Object, Writer
from shared.store.room import FULL_ERRORS, free_room
from shared.store.rounds import Rounds

UNFINISHED_FOLDER = ".unfinished"
UNFINISHED_SECONDS = 86_400  # what is older was left behind by a crash
LOOKERS = 2  # threads
_NO_ANSWER = "its folder does not answer"
_REFUSED_ERRORS = frozenset({errno.ENAMETOOLONG, errno.ENOTDIR, errno.EISDIR, errno.EINVAL, errno.EEXIST})

T = TypeVar("T")
_PROCESS = secrets.token_hex(8)
_NUMBERS = itertools.count()


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A folder that vanished, or whose disk did, is `Away`, not an object that is `Missing`. Made by
    `open_folder`.
    """

    root: Path
    objects: BucketStore  # obstore's view of the same folder
    _rounds: Rounds
    _lookers: Executor
    _unfinished: Path

    async def get(self, key: str) -> bytes:
        try:
            return await self.objects.get(key)
        except Missing:
            await self._require_root()
            raise

    async def size(self, key: str) -> int:
        try:
            return await self.objects.size(key)
        except Missing:
            await self._require_root()
            raise

    async def stream(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        try:
            async for chunk in self.objects.stream(key, start, stop):
                yield chunk
        except Missing:
            await self._require_root()
            raise

    async def put(self, key: str, data: bytes) -> None:
        await self._written(self._new_file(key, replace, data))

    async def put_all(self, objects: Sequence[Object]) -> None:
        await self._written(*(self._new_file(key, replace, data) for key, data in objects))

    async def put_new(self, key: str, data: bytes) -> bool:
        new = self._new_file(key, link_if_none, data)
        await self._written(new)
        return new.was_placed

    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator[Writer]:
        new = self._new_file(key, replace)
        writer = _FolderWriter(new, self._rounds.threads, self._answer)
        try:
            yield writer
        except BaseException:
            writer.discard()
            raise
        await self._written(new)

    async def list(
        self, prefix: str, *, written_before: datetime | None = None
    ) -> AsyncIterator[Sequence[str]]:
        async for batch in self.objects.list(prefix, written_before=written_before):
            yield batch
        await self._require_root()

    async def folders(self, prefix: str) -> Sequence[str]:
        found = await self.objects.folders(prefix)
        with_files = await asyncio.to_thread(self._with_files, found)
        await self._require_root()
        return with_files

    def _with_files(self, folders: Sequence[str]) -> Sequence[str]:
        """An empty folder is one that is just being made, or that somebody emptied."""
        return [each for each in folders if any(files for _, _, files in os.walk(self.root / each))]

    async def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            with suppress(Missing):
                await self.objects.delete([key])
        await self._require_root()

    async def check(self) -> None:
        await self._require_root()
        await self.objects.check()

    async def check_room(self) -> None:
        await self.check()
        room = await self._looked(free_room, self.root)
        if room.is_read_only:
            raise Away("store", "its disk is mounted read-only")
        if room.is_full:
            raise Full("store", room)

    async def _require_root(self) -> None:
        """An unmounted disk leaves the folder on which it was mounted, empty: one inside it is looked for."""
        if not await self._looked(Path.is_dir, self._unfinished):
            raise Away("store", "its folder is gone, or its disk is not mounted")

    async def _looked(self, look: Callable[[Path], T], folder: Path) -> T:
        """A disk that hangs holds up threads of our own: not the loop, and nobody else who needs a thread."""
        looking = asyncio.get_running_loop().run_in_executor(self._lookers, look, folder)
        try:
            return await asyncio.wait_for(looking, bucket.STORE_TIMEOUT_SECONDS)
        except TimeoutError as error:
            raise Away("store", _NO_ANSWER) from error

    def _new_file(self, key: str, place: Place, data: bytes = b"") -> NewFile:
        above, _, name = key.rpartition("/")
        if not key.isprintable() or not {"", ".", ".."}.isdisjoint(key.split("/")):
            raise ValueError(f"no key: {key[:100]!r}")
        # A name that obstore hides from lists, where a crash may leave half of a file.
        unfinished = f"{self._unfinished}/new#{_PROCESS}-{next(_NUMBERS)}"
        folder = f"{self.root}/{above}" if above else str(self.root)
        return NewFile(folder=folder, name=name, unfinished=unfinished, place=place, data=data)

    async def _written(self, *files: NewFile) -> None:
        answer = self._rounds.add(files)
        # Cheaper than a time-out of asyncio, of which this is the commonest one.
        patience = answer.get_loop().call_later(bucket.STORE_TIMEOUT_SECONDS, _give_up, answer)
        try:
            await self._answer(answer)
        finally:
            patience.cancel()

    async def _answer(self, running: Awaitable[T]) -> T:
        try:
            return await running
        except TimeoutError as error:
            raise Away("store", _NO_ANSWER) from error
        except OSError as error:
            await self._require_root()
            if error.errno in _REFUSED_ERRORS:
                raise Refused(str(error)) from error
            if error.errno in FULL_ERRORS:
                raise Full("store", await self._looked(free_room, self.root)) from error
            raise Away("store", str(error)) from error


def _give_up(answer: asyncio.Future[None]) -> None:
    if not answer.done():
        answer.set_exception(TimeoutError())


def open_folder(root: Path) -> FolderStore:
    files = LocalStore(root, mkdir=True, automatic_cleanup=True)  # folders go with their last file
    objects = BucketStore(files, held_seconds=math.inf)  # an open file waits for ever
    unfinished = root / UNFINISHED_FOLDER
    _forget_old(unfinished)
    return FolderStore(root, objects, Rounds(root), DaemonThreads(LOOKERS, "store-look"), unfinished)


def _forget_old(unfinished: Path) -> None:
    unfinished.mkdir(exist_ok=True)
    for file in unfinished.iterdir():
        with suppress(FileNotFoundError):  # another service starts at the same time
            if time.time() - file.stat().st_mtime > UNFINISHED_SECONDS:
                file.unlink()


@dataclass(slots=True)
class _FolderWriter:
    new: NewFile
    threads: Executor
    answer: Callable[[Awaitable[None]], Awaitable[None]]
    running: Future[None] | None = None

    async def write(self, data: bytes) -> None:
        self.running = self.threads.submit(self.new.append, data)
        wrapped = asyncio.wrap_future(self.running)
        await self.answer(asyncio.wait_for(wrapped, bucket.STORE_TIMEOUT_SECONDS))

    def discard(self) -> None:
        """Not before the last write has ended: a descriptor that is closed may soon be another file's."""
        if self.running is not None:
            self.running.add_done_callback(lambda _: self.new.discard())
