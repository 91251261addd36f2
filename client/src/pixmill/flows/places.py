"""What stands on the disk where a file is to be written. It follows links and reads no file."""

import os
from pathlib import Path

_OPEN_FILES = (Path("/proc"), Path("/dev/fd"))


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
