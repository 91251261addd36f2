"""The broker's machine loses its power: the ends of its logs that were not yet on the disk are gone.

One broker alone has every message here, so the two topics that nothing else remembers are spared, and the
dead letters, by which poison is counted. In production other replicas have them.
"""

import asyncio
import random
import signal
import struct
from collections.abc import Iterator
from pathlib import Path

from chaos.live.faults.fault import Blow, Fault
from chaos.live.world.world import World
from shared.contract.events import Topic

CUT = (
    Topic.IMAGE_REQUESTED.value,
    Topic.IMAGE_DONE.value,
    Topic.WEBHOOK_ATTEMPTED.value,
    Topic.WEBHOOK_RETRY.value,
    "__consumer_offsets",
)
CHECKPOINT = "recovery-point-offset-checkpoint"
HEAD = struct.Struct(">qi")  # of a batch: its first offset, the bytes that follow


def faults() -> Iterator[Fault]:
    yield Fault(name="kafka loses the ends of its logs", act=_lose_power, needs_everything_up=True)


async def _lose_power(world: World, chance: random.Random) -> Blow:
    kafka = world.parts["kafka"]
    await kafka.leave(signal.SIGKILL)
    lost = await asyncio.to_thread(cut_logs, world.broker.data, chance)
    kafka.start()
    return Blow(down=frozenset({"kafka"}), remark=f"{lost} bytes lost")


def cut_logs(data: Path, chance: random.Random) -> int:
    """Ends each log somewhere behind what the broker knows to be on the disk. Returns how many bytes went."""
    flushed = _flushed_offsets((data / CHECKPOINT).read_text())
    return sum(
        _cut(folder, flushed.get(folder.name, 0), chance)
        for folder in sorted(data.iterdir())
        if folder.name.rpartition("-")[0] in CUT
    )


def _cut(folder: Path, flushed: int, chance: random.Random) -> int:
    segment = max(folder.glob("*.log"))
    content = segment.read_bytes()
    size = chance.randint(flushed_bytes(content, flushed), len(content))
    with segment.open("r+b") as log:
        log.truncate(size)
    return len(content) - size


def flushed_bytes(segment: bytes, flushed: int) -> int:
    """Where the first batch begins whose messages are not known to be on the disk."""
    at = 0
    while at + HEAD.size <= len(segment):
        first, length = HEAD.unpack_from(segment, at)
        if first >= flushed or length <= 0:
            return at
        at += HEAD.size + length
    return min(at, len(segment))


def _flushed_offsets(checkpoint: str) -> dict[str, int]:
    """A version, a count, and a line for each partition: topic, number, offset."""
    entries = [line.split() for line in checkpoint.splitlines()[2:]]
    return {f"{topic}-{number}": int(offset) for topic, number, offset in entries}
