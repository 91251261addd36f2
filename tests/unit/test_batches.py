"""What comes while a partition's batch is handled goes together into the next."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, cast

from shared.broker import Partition, Record
from shared.containment import Containment
from shared.work import BATCH_SECONDS, BatchWork

PARTITION = Partition("image.done", 0)


class Batches:
    """Takes a moment, in which more comes, and remembers how many came together."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    async def settle(self, records: Sequence[Record]) -> None:
        await asyncio.sleep(0.003)
        self.sizes.append(len(records))


def record(offset: int) -> Record:
    return Record(PARTITION, offset, None, b"{}", (), 0)


async def test_messages_that_trickle_in_are_handled_in_few_batches() -> None:
    """R18: each costs a transaction, however small."""
    batches = Batches()
    work = BatchWork(cast("Containment", cast("Any", batches)))
    work.open([PARTITION])
    started = time.monotonic()
    for offset in range(200):
        work.take(PARTITION, [record(offset)])
        await asyncio.sleep(0.001)
    async with asyncio.timeout(20):
        while work.under_way():
            await asyncio.sleep(BATCH_SECONDS)
    assert sum(batches.sizes) == 200
    assert len(batches.sizes) <= (time.monotonic() - started) / BATCH_SECONDS
