"""Where a command may write: looked at before anything is sent or waited for."""

import os
from pathlib import Path

from pixmill.command.exits import CommandFailed, Exit
from pixmill.flows.places import is_stream

_STREAM = Path("-")


def require_writable(path: Path | None) -> None:
    """The name of a file that can be written, if one was given. Raises CommandFailed."""
    if path is None:
        return
    if path == _STREAM:
        way_out = "Give it a name; `pixmill download ID --output -` alone writes to standard output."
        raise CommandFailed("What is to be written here needs a file.", way_out, Exit.USAGE)
    if path.is_dir():
        raise CommandFailed(f"{path} is a folder.", "Name a file in it.")
    if is_stream(path):
        way_out = "Name a file; `pixmill download ID --output -` writes to standard output."
        raise CommandFailed(f"{path} is no file, and a file would take its place.", way_out, Exit.USAGE)
    if not path.parent.is_dir():
        raise CommandFailed(f"{path}: there is no folder {path.parent}.", "Make it first.")
    _require_rights(path.parent)


def require_folder(path: Path | None) -> None:
    """The name of a folder that is there or can be made, if one was given. Raises CommandFailed."""
    if path is None:
        return
    there = next(each for each in (path, *path.absolute().parents) if each.exists())
    if not there.is_dir():
        raise CommandFailed(f"{there} is no folder.", "Name another place.")
    _require_rights(there)


def _require_rights(folder: Path) -> None:
    if not os.access(folder, os.W_OK):
        raise CommandFailed(f"In {folder} nothing can be written.", "Name another place.")
