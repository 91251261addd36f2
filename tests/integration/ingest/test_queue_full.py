"""When the status service takes nothing, uploads are refused before the topic overflows."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contract.events import Topic
from shared.contract.groups import Group
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.ingest_service import Broker, IngestProcess, rows, running_ingest


@asynccontextmanager
async def status_service(broker: Broker) -> AsyncIterator[AIOKafkaConsumer]:
    """What commits in its place."""
    group = Group.STATUS_CSV_ACCEPTED
    async with AIOKafkaConsumer(
        bootstrap_servers=broker.bootstrap, group_id=group, enable_auto_commit=False
    ) as consumer:
        numbers = range(len(await partitions(consumer)))
        consumer.assign([TopicPartition(Topic.CSV_ACCEPTED.value, number) for number in numbers])
        yield consumer


async def partitions(consumer: AIOKafkaConsumer) -> set[int]:
    first = TopicPartition(Topic.CSV_ACCEPTED.value, 0)
    await consumer.end_offsets([first])
    found: set[int] = consumer.partitions_for_topic(first.topic)
    return found


async def take_all(consumer: AIOKafkaConsumer) -> None:
    await consumer.commit(await consumer.end_offsets(consumer.assignment()))


async def until_answered(ingest: IngestProcess, status: int) -> int:
    """How many other answers came before the first of this status."""
    others = 0
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (await ingest.post(rows(1))).status_code != status:
            others += 1
            await asyncio.sleep(0.02)
    return others


async def test_a_group_that_never_committed_has_everything_before_it(broker: Broker, tmp_path: Path) -> None:
    """A status service that has not run yet is no reason to fill the topic."""
    async with running_ingest(broker, tmp_path / "store", MAX_WAITING_REQUESTS="0") as ingest:
        await ingest.post(rows(1))
        await until_answered(ingest, 503)


async def test_requests_are_refused_while_too_many_wait_and_let_in_again_by_themselves(
    broker: Broker, tmp_path: Path
) -> None:
    """R18, R21"""
    async with (
        status_service(broker) as status,
        running_ingest(broker, tmp_path / "store", MAX_WAITING_REQUESTS="3") as ingest,
    ):
        await take_all(status)
        await until_answered(ingest, 202)
        await take_all(status)
        assert await until_answered(ingest, 503) <= 4
        refused = await ingest.post(rows(1))
        assert refused.json()["type"].endswith("/queue-full")
        assert int(refused.headers["retry-after"]) >= 1
        assert (await ingest.http.get("/readyz")).status_code == 200
        assert (await ingest.http.post("/v1/validate", files={"file": rows(1)})).status_code == 200
        await take_all(status)
        await until_answered(ingest, 202)
