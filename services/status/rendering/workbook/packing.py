"""Packs the parts of a workbook as they come: nobody needs to know how large its sheet will be (pure)."""

import zipfile
from collections.abc import AsyncIterator

from services.status.rendering.workbook.parts import OTHER_PARTS, SHEET_PART

PIECE_BYTES = 64 * 1024
COMPRESSION = 1  # of 9: the markup repeats itself so much that the others only take longer


async def packed(sheet: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The file, piece by piece. It is no whole one if the sheet breaks off."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION) as archive:
        for name, content in OTHER_PARTS.items():
            with archive.open(name, "w") as part:
                part.write(content)
        with archive.open(SHEET_PART, "w") as part:
            async for markup in sheet:
                part.write(markup)
                if len(sink.waiting) >= PIECE_BYTES:
                    yield sink.take()
    yield sink.take()


class _Sink:
    """A file that can only be written to: then what is not known beforehand follows each part."""

    def __init__(self) -> None:
        self.waiting = bytearray()

    def write(self, data: bytes, /) -> int:
        self.waiting += data
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass

    def take(self) -> bytes:
        taken = bytes(self.waiting)
        self.waiting.clear()
        return taken
