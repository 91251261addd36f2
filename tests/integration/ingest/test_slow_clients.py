"""Clients that drip, stall or vanish: their connection ends, their place is free, nothing of them is left."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import httpx
import pytest

from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.ingest_service import Broker, IngestProcess, rows, running_ingest

BEGINNING = b'--x\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\nS. No.,'


def head(content_length: int) -> bytes:
    return (
        b"POST /upload HTTP/1.1\r\nHost: pixmill.test\r\nContent-Length: %d\r\n"
        b"Content-Type: multipart/form-data; boundary=x\r\n\r\n" % content_length
    )


@asynccontextmanager
async def connection(
    ingest: IngestProcess,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    port = httpx.URL(ingest.url).port
    assert port is not None
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def drip(writer: asyncio.StreamWriter) -> None:
    """A byte now and then, until the other side has had enough."""
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def answer_to_drips(ingest: IngestProcess, first: bytes) -> bytes:
    async with connection(ingest) as (reader, writer), asyncio.timeout(DEADLINE_SECONDS):
        writer.write(first)
        dripping = asyncio.create_task(drip(writer))
        answer = b""
        try:
            with suppress(ConnectionError):  # a drop too many came after the answer
                while piece := await reader.read(65_536):  # to the end: the connection is closed
                    answer += piece
        finally:
            dripping.cancel()
            await asyncio.gather(dripping, return_exceptions=True)
    return answer


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("slow") / "store"


@pytest.fixture
async def strict(broker: Broker, store: Path) -> AsyncIterator[IngestProcess]:
    """It has room for one upload at a time, and little patience."""
    async with running_ingest(broker, store, SILENCE_SECONDS="0.5", MAX_UPLOADS="1") as ingest:
        yield ingest


async def let_in(ingest: IngestProcess) -> None:
    """An ordinary upload, as soon as there is room."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while (await ingest.post(rows(1))).status_code != 202:
            await asyncio.sleep(0.05)


def files_in(store: Path) -> list[str]:
    return sorted(path.name for path in (store / "requests").rglob("*") if path.is_file())


def spooled_files(ingest: IngestProcess) -> list[str]:
    """The unnamed files that the process holds."""
    listed = [each for each in Path(f"/proc/{ingest.process.pid}/fd").iterdir() if int(each.name) > 2]
    return [name for each in listed if (name := _name_of(each)).endswith("(deleted)")]


def _name_of(open_file: Path) -> str:
    """None of one that it has closed since it was listed."""
    try:
        return str(open_file.readlink())
    except FileNotFoundError:
        return ""


async def test_dripping_and_vanishing_clients_leave_nothing_and_keep_nobody_out(
    strict: IngestProcess,
) -> None:
    """R20"""
    assert (await answer_to_drips(strict, head(1_000_000) + BEGINNING)).startswith(b"HTTP/1.1 408 ")
    await let_in(strict)
    for sent in (head(1000), head(1000) + BEGINNING, head(10_000_000) + BEGINNING + b"x" * 3_000_000):
        async with connection(strict) as (_, writer):
            writer.write(sent)
            await writer.drain()
        await let_in(strict)
    assert files_in(strict.store) == sorted(["request.json", "rows.ndjson", "source.csv"] * 4)
    async with asyncio.timeout(DEADLINE_SECONDS):
        while spooled_files(strict):
            await asyncio.sleep(0.05)


async def test_an_upload_that_a_stopping_service_has_no_time_for_is_a_503_that_says_when_to_come_again(
    broker: Broker, store: Path
) -> None:
    """R18: and the service ends by itself, in the time it has."""
    async with (
        running_ingest(broker, store, DRAIN_SECONDS="1") as ingest,
        connection(ingest) as (reader, writer),
        asyncio.timeout(DEADLINE_SECONDS),
    ):
        writer.write(head(1_000_000) + BEGINNING)
        async with connection(ingest) as (second, asking):  # answered after the first one's head was read
            asking.write(b"GET /livez HTTP/1.1\r\nHost: pixmill.test\r\n\r\n")
            await second.readuntil(b"\r\n\r\n")
        ingest.process.terminate()
        answer = await reader.read()
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b"\r\nretry-after: 2\r\n" in answer.lower()
        assert b"being stopped; repeat the call" in answer
        assert await asyncio.to_thread(ingest.process.wait) == 0
