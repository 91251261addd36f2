"""A status process that ends one run, for tests that freeze it. It says `writing` when it has begun the CSV,
goes on once there is a line on its input, and says at last which files it has written.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.status.jobs import leases
from shared.store import Writer
from shared.testing.fakes import FakeStore
from tests.worlds.services.engine_world import open_engine

LEASE_SECONDS = 6  # for how long a busy machine may hold us up


class WaitingStore(FakeStore):
    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator[Writer]:
        async with super().writer(key) as file:
            _say("writing")
            await asyncio.to_thread(sys.stdin.readline)
            yield file


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


async def main(dsn: str) -> None:
    leases.LEASE_SECONDS, leases.SIGN_OF_LIFE_SECONDS = LEASE_SECONDS, LEASE_SECONDS / 10
    store = WaitingStore()
    async with open_engine(dsn, store=store) as world:
        await world.step("completer (any)")
    _say(json.dumps(list(store.objects)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
