"""Whether a child that works on an image still gets on, however slowly: it uses CPU, or waits for a core or a
disk. On a busy machine an image's seconds become minutes: only standing still says that something is wrong.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

LOOKS = 20  # in a row that must find it standing still
WANTS_CORE_OR_DISK = frozenset("RD")


@dataclass(frozen=True, slots=True)
class Life:
    """What can be seen of a process."""

    cpu_ticks: int
    wants_more: bool  # some thread runs, or waits for a core or a disk


@dataclass(slots=True)
class Stillness:
    """Counts the looks since the last sign of life."""

    _last: Life | None = None
    _still: int = 0

    def seen(self, life: Life | None) -> bool:
        """Whether it stands still for good. What cannot be seen is given the benefit of the doubt."""
        gets_on = (
            life is None or life.wants_more or self._last is None or life.cpu_ticks != self._last.cpu_ticks
        )
        self._still = 0 if gets_on else self._still + 1
        self._last = life
        return self._still >= LOOKS


class StandstillWatch:
    """Kills what stands still. Runs whenever it is entered; costs one timer where an image is quick."""

    def __init__(
        self, pid: int, seconds: float, kill: Callable[[], None], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._loop = loop
        self.stood_still = False
        self._pid = pid
        self._look_seconds = seconds / LOOKS
        self._kill = kill
        self._stillness = Stillness()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        self._look_later()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look_later(self) -> None:
        """Seconds in which our own loop stands still, too, make no further look."""
        self._timer = self._loop.call_later(self._look_seconds, self._look)

    def _look(self) -> None:
        if self._stillness.seen(life_of(self._pid)):
            self.stood_still = True
            self._kill()
        else:
            self._look_later()


def life_of(pid: int) -> Life | None:
    """None where it is gone, or where the system does not tell."""
    process = Path(f"/proc/{pid}")
    try:
        fields = _fields(process)
        states = {_fields(thread)[0] for thread in (process / "task").iterdir()}
    except OSError:
        return None
    return Life(int(fields[11]) + int(fields[12]), not states.isdisjoint(WANTS_CORE_OR_DISK))


def _fields(process: Path) -> list[str]:
    """From the state on: what is before it may contain anything. Its user and system time are 11 and 12."""
    return (process / "stat").read_text().rpartition(")")[2].split()
