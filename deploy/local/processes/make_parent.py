"""`make up` as our parent. It passes SIGTERM on. But it keeps a SIGINT that was sent to it alone, and waits
for us for ever; and if it is killed, we would run on unseen. So we look at it.
"""

import os
import signal
from dataclasses import dataclass

from deploy.local.processes.processes import caught_signals, name_of

WATCHED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class MakeParent:
    pid: int
    caught: frozenset[int]

    def wants_a_stop(self) -> bool:
        """It is gone, or has given up the handler of a signal, which it does when that signal arrives."""
        return os.getppid() != self.pid or not self.caught <= caught_signals(self.pid)


def find_make_parent() -> MakeParent | None:
    pid = os.getppid()
    if name_of(pid) not in {"make", "gmake"}:
        return None
    return MakeParent(pid, caught_signals(pid) & frozenset(WATCHED))
