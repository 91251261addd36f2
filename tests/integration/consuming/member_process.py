"""A member in a process of its own, for tests that kill it: notes each ordinal it has handled in a file."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import ImageRequested
from shared.kafka import consumer, open_producer
from tests.integration.consuming.worlds import KafkaWorld, Member

HANDLE_SECONDS = 0.2  # four at a time: slow enough to be killed long before it is done


async def main(bootstrap: str, group: str, notes: Path) -> None:
    consumer.SESSION_MS = 6_000  # the shortest that a broker lets a member have

    async def handle(message: Incoming[ImageRequested]) -> Sequence[Outgoing]:
        await asyncio.sleep(HANDLE_SECONDS)
        with notes.open("a") as file:
            file.write(f"{message.event.ordinal}\n")
        return ()

    async with open_producer(bootstrap, "member") as producer:
        member = Member(KafkaWorld(bootstrap, producer).membership(group), producer).each(
            handle, concurrency=4
        )
        assert member.task is not None
        await member.task


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
