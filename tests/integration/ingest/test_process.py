"""The ingest service as a process of its own, on a real broker and a real folder."""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from cryptography.fernet import Fernet

from shared.contract.events import CsvAccepted
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.processes.freezing import freeze, thaw
from tests.worlds.processes.held_up import longest_share
from tests.worlds.services.ingest_service import (
    Broker,
    IngestProcess,
    events_of,
    rows,
    running_ingest,
    wait_for_readiness,
)


async def test_an_answered_upload_lies_in_the_store_and_on_the_topic(
    ingest: IngestProcess, broker: Broker
) -> None:
    """R01, R04, R05, R26"""
    csv = rows(3)
    request_id = (await ingest.post(csv)).json()["request_id"]
    folder = ingest.store / "requests" / request_id
    ((value, headers),) = await events_of(broker, request_id)
    assert (folder / "source.csv").read_bytes() == csv
    assert (folder / "request.json").read_bytes() == value
    assert len((folder / "rows.ndjson").read_bytes().splitlines()) == 3
    assert headers["ce_type"] == CsvAccepted.TYPE.encode()
    assert headers["ce_id"] == str(CsvAccepted.parse(value).event_id()).encode()


async def test_a_large_upload_streams_through_while_health_checks_are_answered(ingest: IngestProcess) -> None:
    """R05: the event loop goes on while 100,000 rows are read. Held up by them, one question would wait for
    most of the upload's work, however fast the machine is.
    """
    upload = asyncio.create_task(ingest.post(rows(100_000)))
    assert await longest_share(ingest.process.pid, ingest.url, upload) < 0.25
    answer = (await upload).json()
    assert answer["counts"] == {"products": 100_000, "images": 200_000, "skipped_rows": 0}
    folder = ingest.store / "requests" / answer["request_id"]
    last = (folder / "rows.ndjson").read_bytes().splitlines()[-1]
    assert json.loads(last)["images"][1]["ordinal"] == 199_999


async def test_one_key_at_two_processes_at_once_makes_one_request(broker: Broker, tmp_path: Path) -> None:
    """R20"""
    async with AsyncExitStack() as stack:
        store = tmp_path / "store"
        both = [await stack.enter_async_context(running_ingest(broker, store)) for _ in range(2)]
        answers = await asyncio.gather(*(each.post(rows(50), "one key") for each in both * 5))
    assert {answer.status_code for answer in answers} == {202}
    (request_id,) = {answer.json()["request_id"] for answer in answers}
    events = await events_of(broker, request_id)
    assert len(events) == 10
    assert len({(value, headers["ce_id"]) for value, headers in events}) == 1
    assert [folder.name for folder in (store / "requests").iterdir() if list(folder.iterdir())] == [
        request_id
    ]


async def test_a_frozen_broker_is_a_503_and_nothing_needs_a_restart(
    ingest: IngestProcess, broker: Broker
) -> None:
    """The answer comes while it stands still. It waits for one publication
    (tests/contract/uploads/test_not_now.py), which is given its seconds
    (tests/unit/shared/kafka/test_producer.py).
    """
    freeze(broker.server.child.pid)
    try:
        answer = await ingest.post(rows(1), "frozen")
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        assert "request_id" not in answer.json()
        await wait_for_readiness(ingest, 503)
    finally:
        thaw(broker.server.child.pid)
    await wait_for_readiness(ingest, 200)
    assert (await ingest.post(rows(1), "frozen")).status_code == 202


async def test_a_store_that_is_gone_is_a_503_until_it_is_back(ingest: IngestProcess) -> None:
    assert (await ingest.post(rows(1))).status_code == 202
    away = ingest.store.with_name("away")
    shutil.move(ingest.store, away)
    answer = await ingest.post(rows(1))
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    await wait_for_readiness(ingest, 503)
    shutil.move(away, ingest.store)
    await wait_for_readiness(ingest, 200)
    assert (await ingest.post(rows(1))).status_code == 202


async def test_an_upload_that_falls_silent_is_ended(broker: Broker, tmp_path: Path) -> None:
    """R20"""
    head = (
        b"POST /upload HTTP/1.1\r\nHost: pixmill.test\r\nContent-Length: 1000\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n"
    )
    async with running_ingest(broker, tmp_path / "store", SILENCE_SECONDS="0.3") as ingest:
        reader, writer = await asyncio.open_connection("127.0.0.1", httpx.URL(ingest.url).port)
        writer.write(head + b'--x\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\nS.')
        async with asyncio.timeout(DEADLINE_SECONDS):
            answer = await reader.read()  # to the end: the connection is closed
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")


async def test_sigterm_ends_the_service_in_order(ingest: IngestProcess) -> None:
    ingest.process.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(ingest.process.wait, DEADLINE_SECONDS) == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [("TARGET_KEYS", "short"), ("PUBLIC_URL", "pixmill"), ("AUTH", "keys"), ("ALLOW_HOSTS", "here")],
)
def test_a_wrong_setting_is_one_line_and_exit_code_78(name: str, value: str) -> None:
    environment = {
        "PORT": "1",
        "KAFKA_BOOTSTRAP": "127.0.0.1:1",
        "STORE_URL": "file:///nowhere",
        "PUBLIC_URL": "http://pixmill.test",
        "AUTH": "off",
        "TARGET_KEYS": Fernet.generate_key().decode(),
        "WEBHOOK_MASTER_KEYS": "master",
        name: value,
    }
    command = [sys.executable, "-m", "services.ingest"]
    ended = subprocess.run(
        command, env=os.environ | environment, capture_output=True, timeout=DEADLINE_SECONDS, check=False
    )
    assert ended.returncode == 78
    assert len(ended.stderr.splitlines()) == 1
