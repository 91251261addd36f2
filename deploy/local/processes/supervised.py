"""One child that must run as long as the stack does. When it dies it is restarted, the first time at once,
then after growing waits.

It must not know of the other children, nor in which order they are needed.
"""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from shutil import disk_usage

from deploy.local.processes.child import Child, Program, how_it_ended, in_brackets

LONGEST_WAIT_SECONDS = 15.0
STEADY_SECONDS = 60.0  # one that ran for so long is not blamed for earlier deaths
READY_AGAIN_SECONDS = 15.0
STALL_LOOK_SECONDS = 5.0
STALLS_TO_ACT = 3
LITTLE_ROOM_BYTES = 64 * 1_048_576  # the next file of Postgres' or Kafka's log may find none


def restart_wait_seconds(deaths: int) -> float:
    """The wait after the nth death in a row."""
    return 0.0 if deaths <= 1 else min(2.0 ** (deaths - 2), LONGEST_WAIT_SECONDS)


@dataclass(slots=True, kw_only=True)
class Supervised:
    """`look` is called again and again and returns what a person should read. It never waits."""

    role: str
    program: Program
    is_ready: Callable[[], bool]
    spawn: Callable[[Program], Child]
    is_stalled: Callable[[], bool] = lambda: False
    lacks: Callable[[], str] = str
    child: Child | None = None
    _started_at: float = 0.0
    _deaths: int = 0
    _restart_at: float = 0.0
    _awaits_ready: bool = False
    _told_late: bool = False
    _stalls: int = 0
    _next_stall_look: float = field(default=0.0)

    def start(self) -> Child:
        self.child = self.spawn(self.program)
        self._started_at = time.monotonic()
        self._next_stall_look = self._started_at + STALL_LOOK_SECONDS
        self._stalls = 0
        return self.child

    def look(self) -> list[str]:
        now = time.monotonic()
        if self.child is None:
            return self._restart() if now >= self._restart_at else []
        if (status := self.child.status()) is not None:
            return self._bury(self.child, status, now)
        if self._awaits_ready:
            return self._look_for_ready(now)
        return self._look_for_stall(self.child, now)

    def _bury(self, child: Child, status: int, now: float) -> list[str]:
        self._deaths = 1 if now - self._started_at > STEADY_SECONDS else self._deaths + 1
        wait = restart_wait_seconds(self._deaths)
        self.child, self._restart_at = None, now + wait
        when = f"in {wait:.0f} s" if wait else "at once"
        words = f", its last words: {child.last_words()}" if status > 0 else ""
        room = _little_room(self.program.folder)
        return [f"{self.program.name} died ({how_it_ended(status)}{words}{room}); it is restarted {when}"]

    def _restart(self) -> list[str]:
        try:
            child = self.start()
        except OSError as error:  # no memory, no processes left: as good as dead
            self._deaths += 1
            self._restart_at = time.monotonic() + restart_wait_seconds(self._deaths)
            return [f"{self.program.name} cannot be started: {error}"]
        self._awaits_ready, self._told_late = True, False
        return [f"{self.program.name} is started again, pid {child.pid}"]

    def _look_for_ready(self, now: float) -> list[str]:
        took = now - self._started_at
        if self.is_ready():
            self._awaits_ready = False
            return [f"{self.program.name} is ready again after {took:.1f} s"]
        if took > READY_AGAIN_SECONDS and not self._told_late:
            self._told_late = True
            why = in_brackets(self.lacks())
            return [f"{self.program.name} is not ready yet after {took:.0f} s{why}; see {self.program.log}"]
        return []

    def _look_for_stall(self, child: Child, now: float) -> list[str]:
        if now < self._next_stall_look:
            return []
        self._next_stall_look = now + STALL_LOOK_SECONDS
        self._stalls = self._stalls + 1 if self.is_stalled() else 0
        if self._stalls < STALLS_TO_ACT:
            return []
        self._stalls = 0
        child.send(signal.SIGTERM)
        return [f"{self.program.name} says that it makes no progress; it is asked to end"]


def _little_room(folder: Path) -> str:
    """The last words of a server that found none speak of something else."""
    try:
        free = disk_usage(folder).free
    except OSError:
        return ""
    return f"; {free // 1_000_000} MB are left for {folder}" if free < LITTLE_ROOM_BYTES else ""
