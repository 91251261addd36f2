"""Checks where a command would write, before anything is sent or waited for."""

import errno
import os
from pathlib import Path

from pixmill.command.telling.exits import CommandFailed, Exit
from pixmill.flows.places import is_same, is_stream, unfinished

WORKBOOK = ".xlsx"  # the one kind of them that is written
_STREAM = Path("-")
_WORKBOOKS = frozenset({WORKBOOK, ".xlsm", ".xlsb", ".xls", ".ods", ".numbers"})
_STANDARD_INPUT = Path("/dev/stdin")


def require_writable(path: Path | None) -> None:
    """The name of a file that can be written, if one was given. Raises CommandFailed."""
    if path is None:
        return
    if path == _STREAM:
        way_out = "Give it a name; `pixmill download ID --output -` alone writes to standard output."
        raise CommandFailed("What is to be written here needs a file.", way_out, Exit.USAGE)
    _require_short_name(path)
    if path.is_dir():
        raise CommandFailed(f"{path} is a folder.", "Name a file in it.")
    if is_stream(path):
        way_out = "Name a file; `pixmill download ID --output -` writes to standard output."
        raise CommandFailed(f"{path} is no file, and a file would take its place.", way_out, Exit.USAGE)
    if not path.parent.is_dir():
        raise CommandFailed(f"{path}: there is no folder {path.parent}.", "Make it first.")
    _require_rights(path.parent)


def require_csv(path: Path | None) -> None:
    """The name of a CSV that can be written, if one was given: no program opens a CSV that is called a
    workbook. Raises CommandFailed.
    """
    require_writable(path)
    if path and path.suffix.lower() in _WORKBOOKS:
        raise CommandFailed(f"{path} would be a CSV.", f"Name it {path.with_suffix('.csv')}.", Exit.USAGE)


def require_table(path: Path | None) -> None:
    """The name of a CSV or of a workbook that can be written, if one was given. Raises CommandFailed."""
    if path and path.suffix.lower() == WORKBOOK:
        require_writable(path)
    else:
        require_csv(path)


def require_other(path: Path | None, sent: Path) -> None:
    """The name of another file than the one that is sent, if one was given. Raises CommandFailed."""
    read = _STANDARD_INPUT if sent == _STREAM else sent
    for place in (path, unfinished(path)) if path else ():
        if read.exists() and is_same(place, read):
            way_out = "Name another file for what comes back."
            raise CommandFailed(f"{place} is the file that is sent.", way_out, Exit.USAGE)


def require_apart(output: Path, failed: Path | None) -> None:
    """Two names of two files. Raises CommandFailed."""
    if failed and is_same(output, failed):
        raise CommandFailed(f"{failed} cannot be both tables.", "Give each a name of its own.", Exit.USAGE)


def require_folder(path: Path | None) -> None:
    """The name of a folder that is there or can be made, if one was given. Raises CommandFailed."""
    if path is None:
        return
    there = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not there.is_dir():
        raise CommandFailed(f"{there} is no folder.", "Name another place.")
    _require_rights(there)


def _require_short_name(path: Path) -> None:
    """The name is longer while the file is being written."""
    try:
        unfinished(path).lstat()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise CommandFailed(f"{path}: the name is too long.", "Give it a shorter one.") from error


def _require_rights(folder: Path) -> None:
    if not os.access(folder, os.W_OK):
        raise CommandFailed(f"In {folder} nothing can be written.", "Name another place.")
