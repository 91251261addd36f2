"""A reader takes what it takes, however slowly: no time-out of the store is about it, and little waits."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from obstore.store import LocalStore

from shared.outcomes import Away
from shared.store import Refused
from shared.store.bucket import PIECE_BYTES, BucketStore
from shared.store.opening import open_store
from shared.testing.fakes import FakeClock
from tests.worlds.hosts.raw_server import raw_server, says
from tests.worlds.servers.s3_server import S3Server

KEY = "requests/0193/output-1.csv"
SILENCE_SECONDS = 0.3
PAUSES = 14  # more than obstore asks again
DATA = bytes(range(256)) * (24 * PIECE_BYTES // 256)


async def slowly_read(chunks: AsyncIterator[bytes]) -> bytes:
    """Each pause is longer than the store may be silent."""
    read, pauses = b"", PAUSES
    async for chunk in chunks:
        read += chunk
        if pauses:
            pauses -= 1
            await asyncio.sleep(1.2 * SILENCE_SECONDS)
    return read


@pytest.fixture
async def bucket(s3_environment: S3Server) -> BucketStore:
    name = f"b-{uuid4().hex}"
    s3_environment.make_bucket(name)
    await open_store(f"s3://{name}").put(KEY, DATA)  # for which it has more time
    store = open_store(f"s3://{name}", silence_seconds=SILENCE_SECONDS)
    assert isinstance(store, BucketStore)
    return store


@pytest.mark.parametrize("held_seconds", [60.0, 0.0])
async def test_a_slow_reader_of_a_bucket_gets_all(bucket: BucketStore, held_seconds: float) -> None:
    """R08, 5 s each. With 15 s for a whole request it broke off after 165 s."""
    assert await slowly_read(replace(bucket, held_seconds=held_seconds).stream(KEY)) == DATA


@pytest.mark.parametrize(("start", "stop"), [(0, None), (70_000, 1_500_001), (1, 2), (100, None)])
async def test_what_is_read_in_many_requests_is_the_same(
    bucket: BucketStore, start: int, stop: int | None
) -> None:
    clock = FakeClock()
    read = b""
    async for chunk in replace(bucket, clock=clock).stream(KEY, start, stop):
        read += chunk
        clock.now += 60
    assert read == DATA[start:stop]


async def test_nobody_gets_parts_of_two_objects_as_one(bucket: BucketStore) -> None:
    clock = FakeClock()
    chunks = replace(bucket, clock=clock).stream(KEY)
    await anext(chunks)
    await bucket.put(KEY, bytes(len(DATA)))
    clock.now += 60
    with pytest.raises(Refused):
        await anext(chunks)


async def test_a_bucket_that_falls_silent_in_the_middle_is_away(
    s3_environment: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.store.bucket.STORE_TIMEOUT_SECONDS", 0.5)
    head = b"HTTP/1.1 200 OK\r\nETag: e\r\nLast-Modified: Wed, 21 Oct 2026 07:28:00 GMT\r\n"
    begun = head + b"Content-Length: 9000000\r\n\r\n" + bytes(2 * PIECE_BYTES)
    async with raw_server(says(begun)) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL", str(server.url()).rstrip("/"))
        with pytest.raises(Away):
            async for _ in open_store("s3://bucket", silence_seconds=0.2).stream(KEY):
                pass


async def test_what_waits_for_a_reader_is_little(tmp_path: Path) -> None:
    """R14: obstore gathers 10 MiB unless it is told otherwise."""
    store = BucketStore(LocalStore(tmp_path))
    await store.put(KEY, DATA)
    assert max([len(chunk) async for chunk in store.stream(KEY)]) <= 2 * PIECE_BYTES
