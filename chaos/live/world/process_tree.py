"""A process with all that it has started: frozen and thawed together, as a machine would be."""

import os
import signal
from contextlib import suppress

from deploy.local.processes.processes import children_of


def freeze(root: int) -> None:
    """The parent first, so that it starts no more; again until no new one is found."""
    frozen: set[int] = set()
    while fresh := [pid for pid in members(root) if pid not in frozen]:
        for pid in fresh:
            _send(pid, signal.SIGSTOP)
        frozen.update(fresh)


def thaw(root: int) -> None:
    for pid in reversed(members(root)):
        _send(pid, signal.SIGCONT)


def members(root: int) -> list[int]:
    """Parents before their children."""
    found = [root]
    for pid in found:
        found += children_of(pid)
    return found


def _send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
