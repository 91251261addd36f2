"""Fifty bad hosts of every kind beside fifty good images: the bad cost only themselves."""

import asyncio
import time
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

from shared.contract.events import ImageOutcome
from tests.integration.processor.test_fetch import BAD_HOSTS
from tests.worlds.pictures import jpeg
from tests.worlds.processor_process import ask, requested, results, running
from tests.worlds.raw_server import RawServer, raw_server, resets

PICTURE = jpeg()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PICTURE) + PICTURE
ANSWER_SECONDS = 1.0  # so long that the machine's own speed does not count
IMAGES = 50


async def answers_in_a_while(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(ANSWER_SECONDS)
    writer.write(ANSWER)
    await writer.drain()


async def good_seconds(kafka: str, good: RawServer, bad: list[RawServer]) -> float:
    """How long fifty good images take, each behind a bad one where there are any."""
    good_id, bad_id = uuid4(), uuid4()
    events = []
    for number in range(IMAGES):
        if bad:
            events.append(requested(bad_id, number, bad[number % len(bad)].url() / str(number)))
        events.append(requested(good_id, number, good.url() / str(number)))
    started = time.monotonic()
    await ask(kafka, events)
    found = await results(kafka, good_id, IMAGES)
    assert {done.outcome for done in found.values()} == {ImageOutcome.DONE}
    return time.monotonic() - started


async def test_fifty_bad_hosts_delay_fifty_good_images_by_less_than_twice(kafka: str, tmp_path: Path) -> None:
    """R09: heads and bodies that never end, a byte now and then, resets, loops, wrong lengths, silence."""
    async with AsyncExitStack() as servers, running(kafka, tmp_path):
        good = await servers.enter_async_context(raw_server(answers_in_a_while))
        bad = [
            await servers.enter_async_context(raw_server(behaviour)) for behaviour, _ in BAD_HOSTS.values()
        ]
        refusing = await servers.enter_async_context(raw_server(resets))
        await good_seconds(kafka, good, [])  # a first time, so that everything is warm
        alone = await good_seconds(kafka, good, [refusing])  # as many images, so that a slow machine is fair
        beside = await good_seconds(kafka, good, bad)
    assert beside < 2 * alone
