"""The ingest service as a process of its own, on a real broker and a real folder."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from cryptography.fernet import Fernet

from deploy.local.free_ports import free_port
from deploy.local.testing import RunningServer, kafka_broker
from shared.contract.events import CsvAccepted, Topic
from shared.kafka.topics import ensure_topics
from shared.topics import wanted_topics
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.servers.topics import reader_of

HEADER = b"S. No.,Product Name,Input Image Urls\n"
INGEST = (sys.executable, "-m", "services.ingest")
KEPT_BY_NOBODY = httpx.Limits(max_keepalive_connections=0)
"""A service closes a connection that is quiet for some seconds, as while a test stands still, who then would
fail by using it.
"""


@dataclass
class Broker:
    bootstrap: str
    server: RunningServer


@dataclass
class IngestProcess:
    url: str
    process: subprocess.Popen[bytes]
    store: Path
    http: httpx.AsyncClient

    async def post(self, csv: bytes, key: str | None = None) -> httpx.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self.http.post("/v1/requests", files={"file": ("p.csv", csv)}, headers=headers)


@contextmanager
def own_broker(folder: Path) -> Iterator[Broker]:
    """With every topic of the contract."""
    with kafka_broker(folder) as (broker, running):
        asyncio.run(ensure_topics(broker.bootstrap, wanted_topics(1), 1))
        yield Broker(broker.bootstrap, running)


@contextmanager
def ingest_process(environment: dict[str, str], command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=os.environ | environment)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@asynccontextmanager
async def running_ingest(
    broker: Broker, store: Path, command: Sequence[str] = INGEST, **more: str
) -> AsyncIterator[IngestProcess]:
    port = free_port()
    environment = {
        "PORT": str(port),
        "KAFKA_BOOTSTRAP": broker.bootstrap,
        "STORE_URL": store.as_uri(),
        "PUBLIC_URL": "http://pixmill.test",
        "AUTH": "off",
        "TARGET_KEYS": Fernet.generate_key().decode(),
        "WEBHOOK_MASTER_KEYS": "master",
        "LOG_LEVEL": "ERROR",
        **more,
    }
    url = f"http://127.0.0.1:{port}"
    with ingest_process(environment, command) as process:
        async with httpx.AsyncClient(base_url=url, timeout=DEADLINE_SECONDS, limits=KEPT_BY_NOBODY) as http:
            ingest = IngestProcess(url, process, store, http)
            await wait_for_readiness(ingest, 200)
            yield ingest


async def wait_for_readiness(ingest: IngestProcess, status: int) -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        while await _readiness(ingest) != status:
            await asyncio.sleep(0.05)


async def _readiness(ingest: IngestProcess) -> int | None:
    try:
        return (await ingest.http.get("/readyz")).status_code
    except httpx.TransportError:
        return None


async def events_of(broker: Broker, request_id: str) -> list[tuple[bytes, dict[str, bytes]]]:
    """All messages of one request, read to the end of the topic."""
    return [
        (message.value, dict(message.headers))
        for message in await _messages(broker)
        if message.key == request_id.encode()
    ]


async def accepted_events(broker: Broker) -> list[CsvAccepted]:
    """All that was ever accepted, repeats too."""
    return [CsvAccepted.parse(message.value) for message in await _messages(broker)]


async def _messages(broker: Broker) -> list[Any]:
    async with reader_of(broker.bootstrap, Topic.CSV_ACCEPTED) as consumer:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        found = []
        async with asyncio.timeout(DEADLINE_SECONDS):
            while any([await consumer.position(partition) < end for partition, end in ends.items()]):
                polled = await consumer.getmany(timeout_ms=200)
                found += [message for messages in polled.values() for message in messages]
    return found


def rows(count: int) -> bytes:
    return HEADER + b"".join(
        b'%d,Product %d,"https://img.example/%d/front.jpg,https://img.example/%d/back.jpg"\n' % (n, n, n, n)
        for n in range(1, count + 1)
    )
