"""Real `kill -9` in every gap of accepting: a repeat with the same key makes one whole request of it."""

import asyncio
import hashlib
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest

from tests.integration.ingest.killed_service import GAPS
from tests.worlds.services.ingest_service import Broker, IngestProcess, accepted_events, rows, running_ingest

KILLED = (sys.executable, "-m", "tests.integration.ingest.killed_service")
LARGE = 16_000  # rows: more than is stored in one piece
FILES = ["request.json", "rows.ndjson", "source.csv"]


async def upload_and_kill(broker: Broker, store: Path, gap: str, csv: bytes) -> None:
    async with running_ingest(broker, store, KILLED, KILL_IN=gap) as ingest:
        with pytest.raises(httpx.TransportError):
            await ingest.post(csv, gap)
        assert ingest.process.wait() == -signal.SIGKILL


async def test_an_upload_killed_in_any_gap_is_one_request_after_a_repeat(
    broker: Broker, tmp_path: Path
) -> None:
    """R01"""
    store = tmp_path / "store"
    files = {gap: rows(LARGE + number) for number, gap in enumerate(GAPS)}
    await asyncio.gather(*(upload_and_kill(broker, store, gap, csv) for gap, csv in files.items()))
    async with running_ingest(broker, store) as ingest:
        answers = {gap: [await ingest.post(csv, gap) for _ in range(2)] for gap, csv in files.items()}
    events = await accepted_events(broker)
    for gap, csv in files.items():
        assert [answer.status_code for answer in answers[gap]] == [202, 202], gap
        (request_id,) = {answer.json()["request_id"] for answer in answers[gap]}
        of_file = [event for event in events if event.source_sha256 == hashlib.sha256(csv).hexdigest()]
        assert {str(event.request_id) for event in of_file} == {request_id}, gap
        assert len(of_file) == (3 if gap == "before the answer" else 2), gap
        folder = store / "requests" / request_id
        assert sorted(file.name for file in folder.iterdir()) == FILES, gap
        assert (folder / "source.csv").read_bytes() == csv, gap
        assert (folder / "rows.ndjson").read_bytes().count(b"\n") == csv.count(b"\n") - 1, gap


@pytest.fixture
async def both(broker: Broker, tmp_path: Path) -> AsyncIterator[list[IngestProcess]]:
    """Two processes on one store."""
    async with AsyncExitStack() as stack:
        store = tmp_path / "store"
        yield [await stack.enter_async_context(running_ingest(broker, store)) for _ in range(2)]


async def test_one_key_with_two_bodies_at_two_processes_at_once_lets_one_in(
    both: list[IngestProcess], broker: Broker
) -> None:
    """R01, R20"""
    bodies = [rows(301), rows(302)]
    calls = [each.post(body, "one key") for each in both for body in bodies for _ in range(3)]
    answers = await asyncio.gather(*calls)
    accepted = [answer for answer in answers if answer.status_code == 202]
    refused = [answer for answer in answers if answer.status_code == 422]
    assert (len(accepted), len(refused)) == (6, 6)
    (request_id,) = {answer.json()["request_id"] for answer in accepted}
    events = [event for event in await accepted_events(broker) if event.products in (301, 302)]
    assert {str(event.request_id) for event in events} == {request_id}
    assert [folder.name for folder in (both[0].store / "requests").iterdir() if list(folder.iterdir())] == [
        request_id
    ]
