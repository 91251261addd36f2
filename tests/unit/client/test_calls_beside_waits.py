"""R28: who waits for the end of a request keeps no connection from other calls of the same client."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from pixmill import AsyncClient, Client, Patience, UnreachableError
from pixmill.exchange import Address, unreachable
from pixmill.testing import FakePixmill

from tests.unit.client.conftest import PRODUCTS
from tests.worlds.hosts.raw_server import raw_server
from tests.worlds.patience import DEADLINE_SECONDS

ONCE = Patience(tries=1, tries_of_a_wait=1)


@pytest.fixture
def held(server: FakePixmill) -> FakePixmill:
    server.hold()
    return server


def test_a_thread_asks_while_others_wait(held: FakePixmill) -> None:
    """It was told, after 60 s, that the server stays silent."""
    with Client(held.url, patience=ONCE, connections=1) as client, ThreadPoolExecutor() as threads:
        accepted, told = client.upload(PRODUCTS), threading.Semaphore(0)
        waiting = [threads.submit(client.wait, accepted.id, lambda _: told.release()) for _ in range(3)]
        try:
            for _ in waiting:
                assert told.acquire(timeout=DEADLINE_SECONDS)
            assert client.request(accepted.id).state == "processing"
        finally:
            held.release()
        assert {each.result(DEADLINE_SECONDS).state for each in waiting} == {"completed"}


async def test_a_task_asks_while_others_wait(held: FakePixmill) -> None:
    async with AsyncClient(held.url, patience=ONCE, connections=1) as client:
        accepted, told = await client.upload(PRODUCTS), asyncio.Semaphore(0)
        waits = [client.wait(accepted.id, lambda _: told.release()) for _ in range(3)]
        waiting = [asyncio.create_task(each) for each in waits]
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                for _ in waiting:
                    await told.acquire()
            assert (await client.request(accepted.id)).state == "processing"
        finally:
            held.release()
        assert {each.state for each in await asyncio.gather(*waiting)} == {"completed"}


async def no_stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: bytes) -> None:
    """As behind a proxy that answers for the stream of events, and comes to no end."""
    if b"/events" in asked:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<p>")
        await reader.read()
    else:
        ended = b'{"request_id": "r", "state": "completed", "progress": 100}'
        writer.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n" + ended
        )


async def test_a_wait_without_a_stream_takes_one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """It held that of the answer that was no stream: of 200 waits none got another one for its polls."""
    monkeypatch.setattr("pixmill.exchange.MOST_WAITS", 1)

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await no_stream(reader, writer, server.requests[-1])

    async with raw_server(behaviour) as server:
        with Client(str(server.url()), patience=ONCE) as client:
            assert (await asyncio.to_thread(client.wait, "r")).state == "completed"
        async with AsyncClient(str(server.url()), patience=ONCE) as asking:
            assert (await asking.wait("r")).state == "completed"


def test_a_call_that_finds_no_connection_free_does_not_say_that_the_server_is_silent() -> None:
    address = Address("https://pixmill.example", None, ONCE, 1)
    with pytest.raises(UnreachableError, match="All connections of this client") as raised:  # noqa: SIM117
        with httpx.Client() as http, unreachable(address, http):
            raise httpx.PoolTimeout("")
    assert not raised.value.may_have_arrived
