"""One data folder, one stack: a lock that the kernel releases however its holder ends.

A holder that is stopping says so in the file; then the next one waits for it.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from deploy.local.processes.child import POLL_SECONDS, Pause

STOPPING = "stopping"
PATIENCE_SECONDS = 1.5  # one whose make was killed may not have noticed yet


class AlreadyRunning(Exception):  # noqa: N818 - a state of the data folder
    """The message is one line for a person."""


class DataLock:
    def __init__(self, data_dir: Path) -> None:
        self._file = data_dir / "lock"
        self._data_dir = data_dir

    @contextmanager
    def held(self, pause: Pause) -> Iterator[None]:
        self._data_dir.mkdir(parents=True, exist_ok=True)
        with self._file.open("a+") as lock:
            patience_ends = time.monotonic() + PATIENCE_SECONDS
            while not _is_ours(lock):
                if self._file.read_text() != STOPPING and time.monotonic() > patience_ends:
                    raise AlreadyRunning(
                        f"another stack runs in {self._data_dir}; give this one its own DATA_DIR"
                    )
                pause(POLL_SECONDS)
            lock.truncate(0)
            yield

    def say_stopping(self) -> None:
        """For whoever starts the next stack already."""
        with suppress(OSError):  # a full disk must not keep anyone from stopping
            self._file.write_text(STOPPING)


def _is_ours(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
