"""The examples of docs/events.md and of the page on Postgres, each run as it stands against a real broker."""

import asyncio
import os
import re
import subprocess
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from shared.consuming.handling import Outgoing
from shared.contract.events import RequestCompleted, RequestState
from shared.kafka import open_producer
from shared.kafka.topics import ensure_topics
from shared.topics import wanted_topics
from tests.worlds.postgres.databases import empty_database

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
SECONDS = 60
COMPLETIONS = 3
TOPIC = RequestCompleted.TOPIC.value


def examples(language: str, page: str = "events.md") -> list[str]:
    return [text for found, text in BLOCK.findall((DOCS / page).read_text()) if found == language]


@pytest.fixture(scope="module")
def tapped(kafka: str) -> tuple[str, list[RequestCompleted]]:
    """A topic that holds three completions, of which the first came twice, and nothing of other tests."""
    events = [completion() for _ in range(COMPLETIONS)]
    asyncio.run(forget_topic(kafka))
    asyncio.run(publish(kafka, [events[0], *events]))
    return kafka, events


async def forget_topic(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        if TOPIC in await admin.list_topics():
            await admin.delete_topics([TOPIC])
        async with asyncio.timeout(SECONDS):
            while TOPIC in await admin.list_topics():
                await asyncio.sleep(0.05)
    finally:
        await admin.close()


def completion() -> RequestCompleted:
    request_id = uuid.uuid4()
    return RequestCompleted(
        request_id=request_id,
        timestamp=datetime.now(UTC),
        run=1,
        status=RequestState.COMPLETED,
        message="2 of 3 images were processed, 1 failed.",
        output_csv_url=None,
        data={"request_id": str(request_id), "counts": {"images": 3, "done": 2, "failed": 1}},
    )


async def publish(bootstrap: str, events: list[RequestCompleted]) -> None:
    await ensure_topics(bootstrap, wanted_topics(), 1)
    async with open_producer(bootstrap, "status") as producer:
        await producer.publish([Outgoing(event, event.timestamp) for event in events])


def ran(command: list[str], bootstrap: str, **settings: str) -> str:
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
        "KAFKA_BOOTSTRAP": bootstrap,
        "TAP_LIMIT": str(COMPLETIONS),
        **settings,
    }
    result = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_document_has_the_examples_it_promises() -> None:
    """R26: kcat and Python, everything and from a time."""
    assert ["kcat" in text for text in examples("bash")] == [True, True]
    assert ["aiokafka" in text for text in examples("python")] == [True, True]


def test_kcat_shows_headers_and_values(tapped: tuple[str, list[RequestCompleted]]) -> None:
    """R26."""
    bootstrap, events = tapped
    everything, since = (ran(["bash", "-c", text], bootstrap) for text in examples("bash"))
    for event in events:
        assert f"ce_id={event.event_id()}" in everything
        assert event.value().decode() in everything
        assert f"{event.request_id} {event.value().decode()}" in since
    assert len(since.splitlines()) == COMPLETIONS + 1


def test_the_python_consumer_prints_each_completion_once(tapped: tuple[str, list[RequestCompleted]]) -> None:
    """R26."""
    bootstrap, events = tapped
    consumer, _ = examples("python")
    lines = ran([sys.executable, "-c", consumer], bootstrap).splitlines()
    assert sorted(lines) == sorted(f"{event.request_id} completed 2/3" for event in events)


def test_the_python_replay_begins_at_a_time(tapped: tuple[str, list[RequestCompleted]]) -> None:
    """R26."""
    bootstrap, events = tapped
    _, replay = examples("python")
    told = [line.split()[1] for line in ran([sys.executable, "-c", replay], bootstrap).splitlines()]
    assert sorted(told) == sorted(str(event.request_id) for event in [events[0], *events])
    later = replay.replace("time.time() - 3600", "time.time() + 3600")
    assert later != replay
    assert ran([sys.executable, "-c", later], bootstrap) == ""


async def test_the_tap_into_postgres_has_each_completion_once(
    tapped: tuple[str, list[RequestCompleted]], postgres: str
) -> None:
    """R26."""
    bootstrap, events = tapped
    dsn = empty_database(postgres)
    (tap,) = examples("python", "how-to/tap-into-postgres.md")
    command = [sys.executable, "-c", tap]
    await asyncio.to_thread(ran, command, bootstrap, MY_POSTGRES_DSN=dsn, TAP_LIMIT=str(COMPLETIONS + 1))
    connection = await asyncpg.connect(dsn)
    rows = await connection.fetch("SELECT event_id, status, done, failed FROM pixmill_completions")
    await connection.close()
    assert sorted(map(tuple, rows)) == sorted((str(e.event_id()), "completed", 2, 1) for e in events)
