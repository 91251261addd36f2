"""The C that writes a round of files: its steps, in which order, and what it makes of a step that fails."""

import ctypes
import errno
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from shared.store import disk, native_files
from shared.store.disk import LEAST_FILES, LEFT_ALONE_SECONDS, MOST_SECONDS, NewFile, WholeDisk, replace
from shared.store.native_files import NativeFiles

SOURCE = Path(native_files.__file__).parent / "native" / "write_files.c"
needs_a_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler")

# Stands before the source: each step is noted, and one of them fails as often as the test says.
NOTED = """
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>
char noted[65536], failing[32];
int fails_with;
static int is_noted(const char *step, int result) {
    strcat(noted, step); strcat(noted, " ");
    if (strcmp(step, failing) != 0) return result;
    errno = fails_with;
    return -1;
}
static int noted_rename(const char *from, const char *to) { return is_noted("rename", rename(from, to)); }
static int noted_fsync(int descriptor) { return is_noted("fsync", fsync(descriptor)); }
static int noted_syncfs(int descriptor) { return is_noted("syncfs", syncfs(descriptor)); }
static ssize_t noted_write(int descriptor, const void *data, size_t size) {
    return is_noted("write", 0) < 0 ? -1 : write(descriptor, data, size > 3 ? 3 : size);
}
static int noted_fstatfs(int descriptor, struct statfs *disk) {
    int result = fstatfs(descriptor, disk);
    disk->f_type = 0xEF53;
    return result;
}
#define rename noted_rename
#define fsync noted_fsync
#define syncfs noted_syncfs
#define write noted_write
#define fstatfs noted_fstatfs
"""


@dataclass
class Noted:
    library: ctypes.CDLL

    @property
    def files(self) -> NativeFiles:
        return NativeFiles(self.library)

    def fail(self, step: str, number: int) -> None:
        ctypes.c_char.in_dll(self.library, "failing")
        (ctypes.c_char * 32).in_dll(self.library, "failing").value = step.encode()
        ctypes.c_int.in_dll(self.library, "fails_with").value = number

    def steps(self) -> list[str]:
        return (ctypes.c_char * 65536).in_dll(self.library, "noted").value.decode().split()


@pytest.fixture
def noted(tmp_path: Path) -> Noted:
    source, library = tmp_path / "noted.c", tmp_path / "noted.so"
    source.write_text(NOTED + re.sub("#define _GNU_SOURCE\n", "", SOURCE.read_text()))
    subprocess.run(["cc", "-fPIC", "-shared", "-o", library, source], check=True)
    loaded = ctypes.CDLL(str(library))
    loaded.write_files.restype = None
    return Noted(loaded)


@pytest.fixture
def new(tmp_path: Path) -> Callable[[int], list[NewFile]]:
    (tmp_path / "folder").mkdir()

    def files(count: int) -> list[NewFile]:
        return [
            NewFile(
                folder=f"{tmp_path}/folder",
                name=str(number),
                unfinished=f"{tmp_path}/unfinished-{number}",
                place=replace,
                data=b"12345",
            )
            for number in range(count)
        ]

    return files


def there(tmp_path: Path) -> Mapping[str, bytes]:
    return {path.name: path.read_bytes() for path in (tmp_path / "folder").iterdir()}


@needs_a_compiler
def test_each_file_is_synced_before_it_is_put_in_its_place(
    noted: Noted, new: Callable[[int], list[NewFile]], tmp_path: Path
) -> None:
    assert noted.files.write(new(2), may_sync_whole_disk=False) == [None, None]
    assert noted.steps() == ["write"] * 4 + ["fsync", "rename"] * 2
    assert there(tmp_path) == {"0": b"12345", "1": b"12345"}


@needs_a_compiler
def test_one_sync_of_the_disk_comes_after_all_are_written_and_before_any_is_placed(
    noted: Noted, new: Callable[[int], list[NewFile]]
) -> None:
    assert noted.files.write(new(3), may_sync_whole_disk=True) == [None] * 3
    assert noted.steps() == ["write"] * 6 + ["syncfs"] + ["rename"] * 3


@needs_a_compiler
def test_where_the_whole_disk_cannot_be_synced_each_file_is(
    noted: Noted, new: Callable[[int], list[NewFile]]
) -> None:
    noted.fail("syncfs", errno.EIO)
    assert noted.files.write(new(3), may_sync_whole_disk=True) == [None] * 3
    assert noted.steps() == ["write"] * 6 + ["syncfs"] + ["fsync", "rename"] * 3


@needs_a_compiler
@pytest.mark.parametrize("step", ["write", "fsync"])
def test_what_is_not_written_or_synced_is_never_placed(
    step: str, noted: Noted, new: Callable[[int], list[NewFile]], tmp_path: Path
) -> None:
    noted.fail(step, errno.ENOSPC)
    errors = noted.files.write(new(2), may_sync_whole_disk=False)
    assert [error.errno for error in errors if error is not None] == [errno.ENOSPC] * 2
    assert there(tmp_path) == {}


@needs_a_compiler
def test_a_folder_that_cannot_be_synced_says_so(noted: Noted, tmp_path: Path) -> None:
    noted.files.sync_folder(str(tmp_path))
    noted.fail("fsync", errno.EIO)
    with pytest.raises(OSError, match="Input/output"):
        noted.files.sync_folder(str(tmp_path))
    with pytest.raises(FileNotFoundError):
        noted.files.sync_folder(f"{tmp_path}/nowhere")


@needs_a_compiler
def test_of_a_round_whose_syncs_fail_nothing_is_left(
    noted: Noted, new: Callable[[int], list[NewFile]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "native_files", lambda: noted.files)
    noted.fail("fsync", errno.EIO)
    files = new(2)
    disk.Disk(str(tmp_path)).write(files)
    assert [file.error is not None and file.error.errno for file in files] == [errno.EIO] * 2
    assert not list(tmp_path.glob("unfinished-*"))
    assert there(tmp_path) == {}


def test_the_whole_disk_is_synced_for_some_files_and_left_alone_where_that_takes_long() -> None:
    whole = WholeDisk()
    assert not whole.may_be_synced(LEAST_FILES - 1, now=10.0)
    assert whole.may_be_synced(LEAST_FILES, now=10.0)
    whole.took(MOST_SECONDS, now=10.0)
    assert whole.may_be_synced(LEAST_FILES, now=10.0)
    whole.took(MOST_SECONDS + 0.1, now=10.0)
    assert not whole.may_be_synced(LEAST_FILES, now=9.9 + LEFT_ALONE_SECONDS)
    assert whole.may_be_synced(LEAST_FILES, now=10.0 + LEFT_ALONE_SECONDS)
