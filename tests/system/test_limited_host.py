"""Hosts that take only so many requests a second, before the whole stack with its two processors."""

import asyncio
from collections import defaultdict
from uuid import UUID

from shared.contract.events import ImageDone, ImageOutcome, Topic
from tests.system.client import Client
from tests.worlds.hosts.limited_origin import LimitedOrigin
from tests.worlds.hosts.limiting_hosts import Bucket
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.servers.topics import reader_of

PER_SECOND = 10.0
IMAGES = 60


async def test_all_images_of_hosts_that_take_ten_a_second_are_done(client: Client) -> None:
    """R29: however they say so, and at once: 5 to 15 s, for so long they take."""
    async with asyncio.TaskGroup() as tasks:
        for status, retry_after in ((429, None), (429, "1"), (503, "1")):
            tasks.create_task(all_are_done(client, LimitedOrigin(Bucket(PER_SECOND), status, retry_after)))


async def all_are_done(client: Client, host: LimitedOrigin) -> None:
    async with host.open() as origin:
        accepted = await client.upload(origin.csv(IMAGES))
        ended = await client.until_ended(accepted.body["request_id"])
    assert (ended["state"], ended["counts"]["done"]) == ("completed", IMAGES)
    assert origin.answered[origin.status] > 0
    for each in (await answers_of_each(client, UUID(accepted.body["request_id"]))).values():
        # Kafka gives an attempt to another processor if its first stood still: then two may be done.
        is_told_twice = len({event.attempt for event in each}) < len(each)
        assert is_told_twice or [event.outcome for event in each].count(ImageOutcome.DONE) == 1


async def answers_of_each(client: Client, request_id: UUID) -> dict[UUID, list[ImageDone]]:
    """What was told of each image, until all are done."""
    told, done = defaultdict[UUID, list[ImageDone]](list), set[UUID]()
    bootstrap = client.stack.endpoints["kafka_bootstrap"]
    async with reader_of(bootstrap, Topic.IMAGE_DONE) as reader, asyncio.timeout(DEADLINE_SECONDS):
        while len(done) < IMAGES:
            message = await reader.getone()
            if message.key != str(request_id).encode():
                continue  # of another test, which may be no event at all
            event = ImageDone.parse(message.value)
            told[event.image_id].append(event)
            done |= {event.image_id} if event.outcome is ImageOutcome.DONE else set()
    return told
