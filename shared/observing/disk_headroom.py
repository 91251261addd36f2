"""What may still be written to the disks that a process uses, for its metrics. A disk that hangs, as one of a
network whose server is gone, holds up a thread: the event loop goes on, and the metrics come all the same.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from shared.observing.metrics import DISK_HEADROOM

ANSWER_SECONDS = 1.0  # for a disk; a scraper waits for ten or so
_THREADS = 2  # for the store's folder, and that of temporary files

BytesLeft = Callable[[], float]


class DiskHeadroom:
    """One look at a time for each folder: a disk that hangs keeps one thread."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, "disk-headroom")
        self._folders: dict[str, BytesLeft] = {}
        self._looks: dict[str, Future[float]] = {}  # under way

    def show(self, folder: str, bytes_left: BytesLeft) -> None:
        """From now on, by this name, in place of what was shown by it before."""
        self._folders[folder] = bytes_left

    async def look(self) -> None:
        """Before the metrics are shown. A disk that does not answer has no room, as one that is gone."""
        for folder, bytes_left in self._folders.items():
            if folder not in self._looks:
                self._looks[folder] = self._threads.submit(bytes_left)
        looks = dict(self._looks)
        if looks:
            await asyncio.wait(map(asyncio.wrap_future, looks.values()), timeout=ANSWER_SECONDS)
        for folder, look in looks.items():
            DISK_HEADROOM.labels(folder).set(look.result() if look.done() else 0.0)
            if look.done():
                self._looks.pop(folder, None)


DISKS = DiskHeadroom()  # of this process
