"""What stands on the disk where a file is to be written. It follows links and reads no file."""

import os
from pathlib import Path

_OPEN_FILES = (Path("/proc"), Path("/dev/fd"))
_LONGEST_STEM_BYTES = 200  # a name may have 255, with what stands around it


def unfinished(path: Path) -> Path:
    """The name that a file has while it is being written."""
    return path.with_name(path.name + ".part")


def shortened(stem: str) -> str:
    """So that a file can be called so; it ends where a letter does."""
    return stem.encode(errors="ignore")[:_LONGEST_STEM_BYTES].decode(errors="ignore")


def is_same(one: Path, other: Path) -> bool:
    """Whether both name one file, whether it is there or not."""
    try:
        return one.samefile(other)
    except OSError:
        return _seen_from_the_top(one) == _seen_from_the_top(other)


def is_stream(path: Path) -> bool:
    """A device, a pipe, or what leads to an open file as /dev/stdout does: no new file may take its place."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        return True
    passed: set[Path] = set()
    here = _seen_from_the_top(path)
    while here not in passed:
        if any(each in here.parents for each in _OPEN_FILES):
            return True
        passed.add(here)
        if here.is_symlink():
            here = _seen_from_the_top(here.parent / here.readlink())
    return False


def _seen_from_the_top(path: Path) -> Path:
    """Its folder without any link; it may be one itself."""
    return Path(os.path.realpath(path.parent), path.name)
