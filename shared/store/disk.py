"""The steps by which files reach a disk together: all are written and synced, then each folder once. A crash
of the machine leaves each file whole or absent, and keeps every file that came through. It knows no loop.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from shared.store.native_files import NativeFiles, native_files

MOST_KNOWN_FOLDERS = 10_000
LEAST_FILES = 4  # that one sync of the whole disk is worth
MOST_SECONDS, LEFT_ALONE_SECONDS = 1.0, 60.0  # for it and what it waits for; before it is tried again
MOST_TIMES_MADE = 3  # of one folder: whoever removes its last file meanwhile removes it

Place = Callable[[str, str], bool]


@dataclass(slots=True, kw_only=True, eq=False)
class NewFile:
    """What shall stand at `name` in `folder`: these bytes, or what was appended before."""

    folder: str
    name: str
    unfinished: str
    place: Place
    data: bytes = b""
    descriptor: int | None = None
    was_placed: bool = False
    error: OSError | None = None

    @property
    def path(self) -> str:
        return f"{self.folder}/{self.name}"

    @property
    def is_plain(self) -> bool:
        return self.descriptor is None and self.place is replace

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
        self.error = error

    def discard(self) -> None:
        with suppress(OSError):
            self._close()
        with suppress(OSError):
            Path(self.unfinished).unlink()

    def _close(self) -> None:
        descriptor, self.descriptor = self.descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def replace(unfinished: str, path: str) -> bool:
    os.replace(unfinished, path)  # noqa: PTH105 - making two Paths takes as long as this does
    return True


def link_if_none(unfinished: str, path: str) -> bool:
    """Returns whether there was none."""
    try:
        os.link(unfinished, path)
    except FileExistsError:
        if not Path(path).is_file():
            raise
        is_first = False
    else:
        is_first = True
    Path(unfinished).unlink()
    return is_first


@dataclass(slots=True)
class WholeDisk:
    """When one sync of everything on the disk takes the place of one for each file. It waits for what others
    write there, too: where that is much, it is left alone for a while.
    """

    _not_before: float = 0.0

    def may_be_synced(self, files: int, now: float) -> bool:
        return files >= LEAST_FILES and now >= self._not_before

    def took(self, seconds: float, now: float) -> None:
        if seconds > MOST_SECONDS:
            self._not_before = now + LEFT_ALONE_SECONDS


@dataclass(slots=True)
class Disk:
    """The steps of a round, in whatever thread."""

    root: str
    whole_disk: WholeDisk = field(default_factory=WholeDisk)
    _known_folders: set[str] = field(default_factory=set)  # synced up to the root

    def write(self, files: Sequence[NewFile]) -> None:
        """What fails has its error afterwards; all else is durable."""
        native = native_files()
        if native is None:
            placed = self._placed_step_by_step(files)
        else:
            plain, others = [new for new in files if new.is_plain], [new for new in files if not new.is_plain]
            placed = [*self._placed_by_one_call(native, plain), *self._placed_step_by_step(others)]
        synced: set[str] = set()  # all of them stand in their places by now, so that once is enough
        for folder in {new.folder for new in placed}:
            self._sync(folder, [new for new in placed if new.folder == folder], synced)

    def _placed_step_by_step(self, files: Sequence[NewFile]) -> Sequence[NewFile]:
        files = _passed(NewFile.write, files)
        if len(files) > 1:
            files = _passed(NewFile.begin_sync, files)
        return _passed(self._place, _passed(NewFile.sync, files))

    def _placed_by_one_call(self, native: NativeFiles, files: Sequence[NewFile]) -> Sequence[NewFile]:
        if not files:
            return ()
        began = time.monotonic()
        may_sync_whole_disk = self.whole_disk.may_be_synced(len(files), began)
        errors = native.write(files, may_sync_whole_disk=may_sync_whole_disk)
        if may_sync_whole_disk:
            self.whole_disk.took(time.monotonic() - began, time.monotonic())
        placed: list[NewFile] = []
        for new, error in zip(files, errors, strict=True):
            if error is None:
                new.was_placed = True
                placed.append(new)
            elif isinstance(error, FileNotFoundError):  # its folder is not there yet
                placed.extend(_passed(self._place, [new]))
            else:
                new.fail(error)
        return placed

    def _place(self, new: NewFile) -> None:
        for _ in range(MOST_TIMES_MADE):
            try:
                new.was_placed = new.place(new.unfinished, new.path)
            except FileNotFoundError:
                if not Path(new.unfinished).exists():
                    raise  # the disk of both is gone, and no folder takes its place
                self._make(new.folder)
            else:
                return
        new.was_placed = new.place(new.unfinished, new.path)

    def _make(self, folder: str) -> None:
        """Never makes the root: if that vanished, nothing may look as if it were still there."""
        if folder in {self.root, *map(str, Path(self.root).parents)}:
            return
        self._make(str(Path(folder).parent))
        self._known_folders.discard(folder)
        # Where the one above went again, `_place` has more tries.
        with suppress(FileExistsError, FileNotFoundError):
            Path(folder).mkdir()

    def _sync(self, folder: str, files: Sequence[NewFile], synced: set[str]) -> None:
        try:
            _sync_once(folder, synced)
            self._sync_above(folder, synced)
        except OSError as error:
            for new in files:
                new.fail(error)

    def _sync_above(self, folder: str, synced: set[str]) -> None:
        """A new folder must itself stand in its folder, up to the root."""
        if folder in self._known_folders or folder == self.root:
            return
        for parent in Path(folder).parents:
            _sync_once(str(parent), synced)
            if str(parent) == self.root:
                break
        if len(self._known_folders) >= MOST_KNOWN_FOLDERS:
            self._known_folders.clear()
        self._known_folders.add(folder)


def _passed(step: Callable[[NewFile], None], files: Sequence[NewFile]) -> Sequence[NewFile]:
    """The files that came through; the others have their error."""
    passed: list[NewFile] = []
    for new in files:
        try:
            step(new)
        except OSError as error:
            new.fail(error)
        else:
            passed.append(new)
    return passed


def _sync_once(folder: str, synced: set[str]) -> None:
    if folder not in synced:
        _sync_folder(folder)
        synced.add(folder)


def _sync_folder(folder: str) -> None:
    native = native_files()
    if native is not None:
        native.sync_folder(folder)
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
