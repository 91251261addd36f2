"""Files that lie in memory while small, and unnamed on disk when large: a kill leaves nothing behind. What is
written is counted in the room of the upload that it belongs to.
"""

from collections.abc import Callable
from contextlib import suppress
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

SPOOL_BYTES = 256 * 1024  # in memory; times every upload that may be under way
# A thread that reads or writes lets go of the interpreter, and takes it again before the event loop has woken
# up. With small buffers it does so every millisecond, which kept the loop waiting for a tenth of a second.
BUFFER_BYTES = 256 * 1024

OpenSpool = Callable[[], BinaryIO]  # the caller closes it

if TYPE_CHECKING:
    BytesFile = SpooledTemporaryFile[bytes]
else:  # generic in its stubs only
    BytesFile = SpooledTemporaryFile


class Room(Protocol):
    def take(self, more_bytes: int) -> None:
        """`OSError` where no more can be had, as on a full disk."""

    def give_back(self, held_bytes: int) -> None: ...


class Spool(BytesFile):
    def __init__(self, room: Room) -> None:
        super().__init__(SPOOL_BYTES, buffering=BUFFER_BYTES)
        self._room = room
        self._taken_bytes = 0

    def write(self, data: Any) -> int:
        self._room.take(len(data))
        self._taken_bytes += len(data)
        return super().write(data)

    def close(self) -> None:
        with suppress(OSError):  # a full disk takes not even the rest; what is closed is gone anyway
            super().close()
        taken, self._taken_bytes = self._taken_bytes, 0
        self._room.give_back(taken)


class _Boundless:
    def take(self, more_bytes: int) -> None: ...

    def give_back(self, held_bytes: int) -> None: ...


def open_spool(room: Room = _Boundless()) -> BinaryIO:  # noqa: B008 - it has no state
    spool: BinaryIO = Spool(room)  # type: ignore[assignment] # it has all that a file has
    return spool
