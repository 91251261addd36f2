"""Files in memory while they are small, unnamed on disk when they grow: a kill leaves nothing behind."""

from tempfile import SpooledTemporaryFile
from typing import BinaryIO

SPOOL_BYTES = 1024 * 1024


def open_spool() -> BinaryIO:
    """The caller closes it."""
    spool: BinaryIO = SpooledTemporaryFile(SPOOL_BYTES)  # type: ignore[assignment] # noqa: SIM115
    return spool
