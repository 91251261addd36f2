"""How long somebody waits for programs: only the time in which none of them wants to work counts.

On a busy machine a program gets little of a core, which says nothing about it. It must not know what is
waited for.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from deploy.local.processes.processes import want_to_work

LOOK_SECONDS = 0.5
MOST_SECONDS = 1_800.0  # whoever works so long without being done goes round in circles


@dataclass(slots=True, kw_only=True)
class Patience:
    """`sessions` says whom to look at: the first process of each session. `seconds` is how long none of them
    may want a core or the disk, in all since the last progress; `most_seconds` how long it is waited at most.
    """

    sessions: Callable[[], Iterable[int]]
    seconds: float
    most_seconds: float = MOST_SECONDS
    clock: Callable[[], float] = time.monotonic
    wanting: Callable[[frozenset[int]], bool] = want_to_work
    _quiet: float = 0.0
    _began: float = field(init=False)
    _looked: float = field(init=False)

    def __post_init__(self) -> None:
        self._began = self._looked = self.clock()

    def progressed(self) -> None:
        """What is waited for came nearer."""
        self._quiet = 0.0
        self._began = self.clock()

    def exhausted(self) -> str | None:
        """Why nobody should wait any longer; None as long as it may still come. Ask again and again."""
        now = self.clock()
        if now - self._looked >= LOOK_SECONDS:
            self._look(now)
        if self._quiet >= self.seconds:
            return f"nothing has moved for {self.seconds:g} s"
        if now - self._began >= self.most_seconds:
            return f"{self.most_seconds:g} s have passed"
        return None

    def _look(self, now: float) -> None:
        passed, self._looked = now - self._looked, now
        if not self.wanting(frozenset(self.sessions())):
            # Whoever looks late had no core either, so the others may have had none.
            self._quiet += min(passed, 2 * LOOK_SECONDS)
