"""What may still be written to the disks that a process uses, for its metrics. A disk that hangs, as one of a
network whose server is gone, holds up a thread: the event loop goes on, and the metrics come all the same.
"""

from collections.abc import Callable

from shared.observing.looks import Looks
from shared.observing.metrics import DISK_HEADROOM

BytesLeft = Callable[[], float]


class DiskHeadroom:
    """The folders, by the names under which they are shown."""

    def __init__(self) -> None:
        self._looks = Looks[float]("disk-headroom")
        self._folders: dict[str, BytesLeft] = {}

    def show(self, folder: str, bytes_left: BytesLeft) -> None:
        """From now on, by this name, in place of what was shown by it before."""
        self._folders[folder] = bytes_left

    async def look(self) -> None:
        """Before the metrics are shown. A disk that does not answer has no room, as one that is gone."""
        answers = await self._looks.answers(self._folders)
        for folder in self._folders:
            DISK_HEADROOM.labels(folder).set(answers.get(folder, 0.0))


DISKS = DiskHeadroom()  # of this process
