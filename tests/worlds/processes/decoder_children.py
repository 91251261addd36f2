"""The decoder children of a process, as /proc shows them, and one image's way through one of them."""

import os
from pathlib import Path

from services.processor.decoders.decoder import Decoder
from services.processor.decoders.pool import DecoderPool
from services.processor.formats.sniff import sniff
from services.processor.verdicts import Compressed, Failure
from shared.contract.picture_formats import PictureFormat


async def compressed(
    pool: DecoderPool[Decoder], data: bytes, quality: int = 50, wanted: PictureFormat | None = None
) -> Compressed | Failure:
    picture_format = sniff(data)
    if isinstance(picture_format, Failure):
        picture_format = PictureFormat.PNG  # the child finds out
    async with pool.turn(pool.pixels_of(data, picture_format)) as decoder:
        return await decoder.compress(data, quality, wanted)


def children(parent: int | None = None) -> list[int]:
    """The decoder children of a process, this one by default, that have not ended."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*") if _is_child(int(entry.name), parent)]


def _is_child(pid: int, parent: int | None) -> bool:
    try:
        state, parent_pid = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False
    is_ours = int(parent_pid) == (parent or os.getpid())
    return is_ours and state != "Z" and b"services.processor.decoders.child" in command
