"""Where the lines of a log go. Work never hears that a line was lost: a full disk, or a pipe that nobody
reads, must not end what the line tells of, nor hold it up.
"""

import os
import select
import stat
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import UnsupportedOperation
from typing import TextIO

WAIT_MILLISECONDS = 100
"""How long a reader may let one line wait. From then on lines are lost until it reads again."""
_STANDARD_ERROR = 2
_WAITS_FOR_A_READER = (stat.S_ISFIFO, stat.S_ISSOCK, stat.S_ISCHR)


@dataclass(slots=True, kw_only=True, weakref_slot=True, eq=False)
class LogOutput:
    """A text stream, as far as loggers need one. The first line that gets through again is followed by one
    that `tells` how many were lost.
    """

    descriptor: int | None  # None: there is nowhere to write to
    tells: Callable[[int], str]
    lost_in_all: int = 0
    _waits: bool = False  # writing may wait for a reader
    _lost: int = 0  # and not yet told
    _is_broken: bool = False  # the last line ends in its middle
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        if self.descriptor is not None:
            mode = os.fstat(self.descriptor).st_mode
            self._waits = any(is_one(mode) for is_one in _WAITS_FOR_A_READER)

    def write(self, line: str) -> int:
        # Libraries speak in threads too, and a task that is collected meanwhile speaks in this one.
        with self._lock:
            self._write(line)
        return len(line)

    def flush(self) -> None:
        """Nothing is held back."""

    def _write(self, line: str) -> None:
        if not self._took(f"\n{line}" if self._is_broken else line):
            self._lost += 1
            self.lost_in_all += 1
        elif self._lost and self._took(self.tells(self._lost)):
            self._lost = 0

    def _took(self, text: str) -> bool:
        """Whether all of it was written."""
        rest = memoryview(text.encode(errors="backslashreplace"))
        size = len(rest)
        with suppress(OSError):  # its reader has gone, or its disk is full
            while rest and self.descriptor is not None and self._may_write():
                rest = rest[os.write(self.descriptor, rest[: select.PIPE_BUF] if self._waits else rest) :]
        if len(rest) < size:
            self._is_broken = bool(rest)
        return not rest

    def _may_write(self) -> bool:
        """A pipe that takes anything takes PIPE_BUF bytes at once."""
        if not self._waits:
            return True
        room = select.poll()
        room.register(self.descriptor or 0, select.POLLOUT)
        return bool(room.poll(0 if self._lost else WAIT_MILLISECONDS))


def hold_standard_streams() -> None:
    """Where the process was started without one, its number would be that of a connection or a file: what a
    library or the interpreter writes to standard error went there.
    """
    while (opened := os.open(os.devnull, os.O_RDWR)) <= _STANDARD_ERROR:
        os.set_inheritable(opened, True)
    os.close(opened)


def output_to(stream: TextIO | None, tells: Callable[[int], str]) -> LogOutput:
    """Standard error is None where the process was started without one, and no file where somebody keeps it
    in memory, as `pytest --capture=sys`: then the process's own is taken.
    """
    try:
        descriptor = None if stream is None else stream.fileno()
    except UnsupportedOperation:
        descriptor = _STANDARD_ERROR
    return LogOutput(descriptor=descriptor, tells=tells)
