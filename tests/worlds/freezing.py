"""Processes that stand still. SIGSTOP only asks for it: for a moment some thread may go on and answer."""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from tests.worlds.patience import DEADLINE_SECONDS

STANDING = {"T", "t", "Z", "X"}


def freeze(*pids: int) -> None:
    """Returns when none of their threads runs."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not all(_stands_still(pid) for pid in pids):
        assert time.monotonic() < deadline, "it did not stand still"
        time.sleep(0.001)


def thaw(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGCONT)


def _stands_still(pid: int) -> bool:
    """One that is gone, too."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return all(_state(thread) in STANDING for thread in Path(f"/proc/{pid}/task").iterdir())
    return True


def _state(thread: Path) -> str:
    try:
        return (thread / "stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return "X"
