"""Processes that stand still. SIGSTOP only asks for it: for a moment some thread may go on and answer."""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from chaos.live.world.process_tree import members
from tests.worlds.patience import DEADLINE_SECONDS

STANDING = {"T", "t", "Z", "X"}


def freeze(*pids: int) -> None:
    """Returns when none of their threads runs. One that ends before it is told so stands still, too."""
    _send(pids, signal.SIGSTOP)
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not all(_stands_still(pid) for pid in pids):
        assert time.monotonic() < deadline, "it did not stand still"
        time.sleep(0.001)


def freeze_with_children(root: int) -> list[int]:
    """With all that it has started; gives whom to thaw, in that order. Its children are looked for when it
    stands still and starts no more, and again, as those that end may hide others.
    """
    frozen: list[int] = []
    while fresh := [pid for pid in members(root) if pid not in frozen]:
        freeze(*fresh)
        frozen += fresh
    return frozen[::-1]


def thaw(*pids: int) -> None:
    _send(pids, signal.SIGCONT)


def _send(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


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
