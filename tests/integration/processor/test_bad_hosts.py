"""Bad hosts of every kind beside good images: the bad cost only themselves."""

import asyncio
import itertools
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

from shared.contract.events import ImageOutcome
from tests.integration.processor.test_fetch import BAD_HOSTS, ENDLESS
from tests.worlds.files.pictures import jpeg
from tests.worlds.hosts.raw_server import Behaviour, raw_server, repeats
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.processor_process import ask, requested, results, running

PICTURE = jpeg()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PICTURE) + PICTURE
AT_ONCE = 12  # good images; fewer are left of 64 places where fifty more have a bad host
KNOWN_AFTER = 3 * AT_ONCE  # good images: then their host gets so many at once
GOOD, BAD = KNOWN_AFTER + 5 * AT_ONCE, 50
SLOW_ENOUGH = repeats(ENDLESS, bytes(2_000), 0.1)  # as long as it sends so much it is let go on


def answers_so_many_at_once(count: int) -> Behaviour:
    """Behind the first, by which it gets known, nobody is answered before so many ask at once: who is kept
    away by others is missed.
    """
    together, number = asyncio.Barrier(count), itertools.count()

    async def behaviour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if next(number) >= KNOWN_AFTER:
            await together.wait()
        writer.write(ANSWER)
        await writer.drain()

    return behaviour


async def test_fifty_bad_hosts_keep_no_place_from_good_images(kafka: str, tmp_path: Path) -> None:
    """R09: heads and bodies that never end, a byte now and then, resets, loops, wrong lengths, silence.

    Half of them last for longer than this test waits.
    """
    lasting = {"FETCH_SECONDS": str(DEADLINE_SECONDS + 20)}
    behaviours = [behaviour for behaviour, _ in BAD_HOSTS.values()]
    behaviours += [SLOW_ENOUGH] * len(behaviours)
    async with AsyncExitStack() as servers, running(kafka, tmp_path, **lasting):
        good = await servers.enter_async_context(raw_server(answers_so_many_at_once(AT_ONCE)))
        bad = [await servers.enter_async_context(raw_server(behaviour)) for behaviour in behaviours]
        good_id, bad_id = uuid4(), uuid4()
        of_bad = [
            requested(bad_id, number, bad[number % len(bad)].url() / str(number)) for number in range(BAD)
        ]
        of_good = [requested(good_id, number, good.url() / str(number)) for number in range(GOOD)]
        await ask(kafka, [*of_bad, *of_good])
        found = await results(kafka, good_id, GOOD)
    assert {done.outcome for done in found.values()} == {ImageOutcome.DONE}
