"""A tenant that follows the ends of all its requests by the feed, and never asks for one twice."""

import asyncio
from dataclasses import dataclass

from chaos.live.journal import Heard, Journal
from chaos.live.load.calls import Calls

LOOK_SECONDS = 2.0


@dataclass(slots=True, kw_only=True)
class Follower:
    calls: Calls
    journal: Journal
    closing: asyncio.Event
    _after: str = "0"

    async def run(self) -> None:
        while not self.closing.is_set():
            if not await self.read_on():
                await asyncio.sleep(LOOK_SECONDS)

    async def read_on(self) -> bool:
        """One page. Says whether there may be more."""
        answer = await self.calls.ask("GET", f"/v1/events?after={self._after}")
        if answer.status != 200 or not answer.body["items"]:
            return False
        for item in answer.body["items"]:
            self.journal.add(Heard(request_id=item["data"]["request_id"], run=item["data"]["run"]))
        self._after = answer.body["next"]
        return True
