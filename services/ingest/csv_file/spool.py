"""Files that lie in memory while small, and unnamed on disk when large: a kill leaves nothing behind."""

from tempfile import SpooledTemporaryFile
from typing import BinaryIO

SPOOL_BYTES = 1024 * 1024
# A thread that reads or writes lets go of the interpreter, and takes it again before the event loop has woken
# up. With small buffers it does so every millisecond, which kept the loop waiting for a tenth of a second.
BUFFER_BYTES = 256 * 1024


def open_spool() -> BinaryIO:
    """The caller closes it."""
    spool: BinaryIO = SpooledTemporaryFile(SPOOL_BYTES, buffering=BUFFER_BYTES)  # type: ignore[assignment] # noqa: SIM115
    return spool
