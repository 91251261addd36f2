"""Connections that are kept: whatever a host puts behind an answer, the next image never gets it."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from yarl import URL

from shared.outbound.client import GuardedClient
from tests.worlds.hosts.patient_client import patient_client
from tests.worlds.hosts.raw_server import RawServer, raw_server

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
OLD = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold"
EARLY = b"HTTP/1.1 103 Early Hints\r\n\r\n"
LENGTH, LENGTH_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", b"0"
CHUNKS, CHUNKS_BODY = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n0\r\n0\r\n\r\n"


async def get(client: GuardedClient, url: URL) -> tuple[int, bytes]:
    async with client.request("GET", url) as answer:
        return answer.status, b"".join([chunk async for chunk in answer.chunks()])


def connections_made(client: GuardedClient) -> list[Any]:
    """From now on."""
    connector: Any = client._session.connector
    make, made = connector._factory, []

    def remembered() -> Any:
        made.append(make())
        return made[-1]

    connector._factory = remembered
    return made


@asynccontextmanager
async def in_pieces(*pieces: bytes) -> AsyncIterator[tuple[RawServer, GuardedClient]]:
    """A host whose first answer on a connection arrives so; after it each is the number of the request."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            connections[-1].data_received(piece)
            while connections[-1]._buffer:  # the client has not seen the head yet
                await asyncio.sleep(0)
        for number in (b"1", b"2"):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(LENGTH + number)

    async with raw_server(behaviour) as server, patient_client(LOOPBACK) as client:
        connections = connections_made(client)
        yield server, client


@pytest.mark.parametrize(("head", "body"), [(LENGTH, LENGTH_BODY), (CHUNKS, CHUNKS_BODY)])
@pytest.mark.parametrize("behind", [OLD, OLD[:-3], OLD[:20], b"HTTP/1.1 100 Continue\r\n\r\n", b"old"])
async def test_what_comes_in_one_piece_with_the_end_of_a_body_is_no_answer_to_the_next_request(
    head: bytes, body: bytes, behind: bytes
) -> None:
    async with in_pieces(head, body + behind) as (server, client):
        assert [await get(client, server.url()) for _ in range(2)] == [(200, b"0")] * 2
    assert server.connections == 2


@pytest.mark.parametrize("empty", [b"204 No Content\r\n\r\n", b"404 Not Found\r\nContent-Length: 0\r\n\r\n"])
async def test_an_answer_that_comes_after_all_behind_one_without_a_body_is_not_that_of_the_next_image(
    empty: bytes,
) -> None:
    """Nobody reads such a body, so that aiohttp does not come back to its connection: it must never rest."""

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if server.connections == 1:
            connections[-1].data_received(b"HTTP/1.1 " + empty + b"HTTP/1.1 100 Continue\r\n\r\n")
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OLD)
        writer.write(LENGTH + b"1")

    async with raw_server(behaviour) as server, patient_client(LOOPBACK) as client:
        connections = connections_made(client)
        assert [await get(client, server.url()) for _ in range(2)] == [(int(empty[:3]), b""), (200, b"1")]


@pytest.mark.parametrize(("head", "body"), [(LENGTH, LENGTH_BODY), (CHUNKS, CHUNKS_BODY)])
@pytest.mark.parametrize("behind", [b"", b"\r\n"])
async def test_a_connection_is_kept_wherever_its_answer_is_cut(
    head: bytes, body: bytes, behind: bytes
) -> None:
    whole = head + body + behind
    for cut in range(1, len(whole)):
        async with in_pieces(whole[:cut], whole[cut:]) as (server, client):
            assert [await get(client, server.url()) for _ in range(2)] == [(200, b"0"), (200, b"1")]
        assert server.connections == 1


async def test_an_answer_that_begins_before_the_request_is_its_answer() -> None:
    """From hosts that refuse at once, without having read: 503, as they are busy."""

    async def behaviour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b" Busy\r\nContent-Length: 1\r\n\r\n.")

    async with raw_server(behaviour) as server, patient_client(LOOPBACK) as client:
        connector: Any = client._session.connector
        make = connector._factory

        def hurried() -> Any:
            connection = make()
            connection.data_received(b"HTTP/1.1 503")
            return connection

        connector._factory = hurried
        assert await get(client, server.url()) == (503, b".")


async def test_each_piece_of_a_head_starts_the_clock_of_silence_anew() -> None:
    async def behaviour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in (EARLY, OLD[:9], OLD[9:20]):
            before = connections[-1]._read_timeout_handle
            connections[-1].data_received(piece)
            clocks.append(connections[-1]._read_timeout_handle is not before and before.cancelled())
        writer.write(OLD[20:])

    clocks: list[bool] = []
    async with raw_server(behaviour) as server, patient_client(LOOPBACK) as client:
        connections = connections_made(client)
        assert await get(client, server.url()) == (200, b"old")
    assert clocks == [True] * 3
