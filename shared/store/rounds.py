"""Files that reach the disk together: a round writes what waits, syncs every file, and each folder once for
all of them. A crash of the machine leaves each file whole or absent, and keeps every file that was answered.
"""

import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

AT_ONCE = 8  # rounds: while one waits for the disk or for the interpreter, another goes on
MOST_FILES = 16  # in a round
MOST_KNOWN_FOLDERS = 10_000
MOST_TIMES_MADE = 3  # of one folder: whoever removes its last file meanwhile removes it

Place = Callable[[Path, Path], bool]


@dataclass(slots=True, kw_only=True, eq=False)
class NewFile:
    """What shall stand at `name` in `folder`: these bytes, or what was appended before."""

    folder: Path
    name: str
    unfinished: Path
    place: Place
    data: bytes = b""
    descriptor: int | None = None
    was_placed: bool = False
    answer: Future[bool] = field(default_factory=Future)

    def append(self, data: bytes) -> None:
        if self.descriptor is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
            self.descriptor = os.open(self.unfinished, flags, 0o666)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self.descriptor, rest) :]

    def write(self) -> None:
        if self.descriptor is None:
            self.append(self.data)

    def begin_sync(self) -> None:
        """Starts writing without waiting, so that the syncs of a round find it done, in one commit."""
        if self.descriptor is not None and sys.platform == "linux":
            os.posix_fadvise(self.descriptor, 0, 0, os.POSIX_FADV_DONTNEED)

    def sync(self) -> None:
        if self.descriptor is not None:
            os.fsync(self.descriptor)
            self._close()

    def fail(self, error: OSError) -> None:
        self.discard()
        self.answer.set_exception(error)

    def discard(self) -> None:
        with suppress(OSError):
            self._close()
        with suppress(OSError):
            self.unfinished.unlink()

    def _close(self) -> None:
        descriptor, self.descriptor = self.descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def replace(unfinished: Path, path: Path) -> bool:
    unfinished.replace(path)
    return True


def link_if_none(unfinished: Path, path: Path) -> bool:
    """Returns whether there was none."""
    try:
        path.hardlink_to(unfinished)
    except FileExistsError:
        if not path.is_file():
            raise
        is_first = False
    else:
        is_first = True
    unfinished.unlink()
    return is_first


class Rounds:
    """The threads that write below one folder. What comes while all are busy shares the next round."""

    def __init__(self, root: Path) -> None:
        self.threads = ThreadPoolExecutor(AT_ONCE, "store")
        self._root = root
        self._waiting: deque[NewFile] = deque()
        self._known_folders: set[Path] = set()  # synced up to the root

    def add(self, new: NewFile) -> Future[bool]:
        """Returns what `place` said, once that is durable."""
        self._waiting.append(new)
        self.threads.submit(self._round)  # finds nothing to do if an earlier round took this file along
        return new.answer

    def _round(self) -> None:
        files = _passed(NewFile.write, self._taken())
        if len(files) > 1:
            files = _passed(NewFile.begin_sync, files)
        files = _passed(self._place, _passed(NewFile.sync, files))
        for folder in {new.folder for new in files}:
            self._answer(folder, [new for new in files if new.folder == folder])

    def _taken(self) -> Sequence[NewFile]:
        files: list[NewFile] = []
        while len(files) < MOST_FILES:
            try:
                new = self._waiting.popleft()
            except IndexError:  # another thread was faster
                break
            if new.answer.set_running_or_notify_cancel():
                files.append(new)
            else:
                new.discard()
        return files

    def _place(self, new: NewFile) -> None:
        path = new.folder / new.name
        for _ in range(MOST_TIMES_MADE):
            try:
                new.was_placed = new.place(new.unfinished, path)
            except FileNotFoundError:
                self._make(new.folder)
            else:
                return
        new.was_placed = new.place(new.unfinished, path)

    def _make(self, folder: Path) -> None:
        """Never makes the root: if that vanished, nothing may look as if it were still there."""
        if folder in (self._root, *self._root.parents):
            return
        self._make(folder.parent)
        self._known_folders.discard(folder)
        # Where the one above went again, `_place` has more tries.
        with suppress(FileExistsError, FileNotFoundError):
            folder.mkdir()

    def _answer(self, folder: Path, files: Sequence[NewFile]) -> None:
        try:
            _sync_folder(folder)
            self._sync_above(folder)
        except OSError as error:
            for new in files:
                new.fail(error)
        else:
            for new in files:
                new.answer.set_result(new.was_placed)

    def _sync_above(self, folder: Path) -> None:
        """A new folder must itself stand in its folder, up to the root."""
        if folder in self._known_folders or folder == self._root:
            return
        for parent in folder.parents:
            _sync_folder(parent)
            if parent == self._root:
                break
        if len(self._known_folders) >= MOST_KNOWN_FOLDERS:
            self._known_folders.clear()
        self._known_folders.add(folder)


def _passed(step: Callable[[NewFile], None], files: Sequence[NewFile]) -> Sequence[NewFile]:
    """The files that came through; the others have been answered."""
    passed: list[NewFile] = []
    for new in files:
        try:
            step(new)
        except OSError as error:
            new.fail(error)
        else:
            passed.append(new)
    return passed


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
