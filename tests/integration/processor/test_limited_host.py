"""One processor before real hosts that take only so many requests a second; the test asks again when it is
told to, as status does.
"""

import asyncio
from pathlib import Path
from uuid import UUID, uuid4

from shared.contract.events import ImageDone, ImageOutcome, ImageRequested, Topic
from tests.worlds.hosts.limited_origin import LimitedOrigin
from tests.worlds.hosts.limiting_hosts import Bucket
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.servers.topics import reader_of
from tests.worlds.services.processor_process import ask, requested, running

IMAGES = 40
PER_SECOND = 20.0


async def ask_until_done(bootstrap: str, events: list[ImageRequested]) -> list[ImageDone]:
    """Every answer, the last of each image one that ends it."""
    asked = {event.image_id: event for event in events}
    answers: list[ImageDone] = []
    async with (
        reader_of(bootstrap, Topic.IMAGE_DONE) as reader,
        asyncio.timeout(DEADLINE_SECONDS),
        asyncio.TaskGroup() as tasks,
    ):
        tasks.create_task(ask(bootstrap, events))
        open_images: set[UUID] = set(asked)
        while open_images:
            done = ImageDone.parse((await reader.getone()).value)
            if done.image_id not in open_images:
                continue
            answers.append(done)
            if done.outcome is ImageOutcome.STALE:
                tasks.create_task(_ask_again(bootstrap, asked[done.image_id], done))
            else:
                open_images.remove(done.image_id)
    return answers


async def _ask_again(bootstrap: str, event: ImageRequested, done: ImageDone) -> None:
    assert done.retry_after_seconds is not None
    await asyncio.sleep(done.retry_after_seconds)
    await ask(bootstrap, [event.model_copy(update={"attempt": done.attempt + 1})])


async def test_one_processor_brings_all_images_of_hosts_that_take_twenty_a_second(
    kafka: str, tmp_path: Path
) -> None:
    """R29: some 10 s, most of it the start and the end of a processor."""
    async with running(kafka, tmp_path) as processor, asyncio.TaskGroup() as tasks:
        for retry_after in (None, "1"):
            host = LimitedOrigin(Bucket(PER_SECOND), retry_after=retry_after)
            tasks.create_task(brings_all(processor.bootstrap, host))


async def brings_all(bootstrap: str, host: LimitedOrigin) -> None:
    async with host.open() as origin:
        request_id = uuid4()
        events = [requested(request_id, number, f"{origin.base}/{number}.jpg") for number in range(IMAGES)]
        answers = await ask_until_done(bootstrap, events)
    assert {done.outcome for done in answers} == {ImageOutcome.DONE, ImageOutcome.STALE}
    assert sum(done.outcome is ImageOutcome.DONE for done in answers) == IMAGES
    assert sum(done.refused for done in answers) == origin.answered[429] > 0
