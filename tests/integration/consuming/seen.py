"""A handler of the tests, which remembers."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import ImageRequested


class Seen:
    """A handler that remembers what it handled, and misbehaves on chosen ordinals."""

    def __init__(self) -> None:
        self.calls: Counter[int] = Counter()
        self.ended: Counter[int] = Counter()
        self.raising: dict[int, Exception] = {}
        self.holding: dict[int, asyncio.Event] = {}
        self.running = 0
        self.most_running = 0

    async def handle(self, message: Incoming[ImageRequested]) -> Sequence[Outgoing]:
        ordinal = message.event.ordinal
        self.calls[ordinal] += 1
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            if ordinal in self.holding:
                await self.holding[ordinal].wait()
            if ordinal in self.raising:
                raise self.raising[ordinal]
        finally:
            self.running -= 1
        self.ended[ordinal] += 1
        return ()

    async def handle_batch(self, messages: Sequence[Incoming[ImageRequested]]) -> Sequence[Outgoing]:
        for message in messages:
            if message.event.ordinal in self.raising:
                raise self.raising[message.event.ordinal]
        for message in messages:
            await self.handle(message)
        return ()
