"""Connections that are kept: whatever a host puts behind an answer, the next image never gets it."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from yarl import URL

from shared.outbound.client import GuardedClient, open_client
from tests.worlds.raw_server import RawServer, raw_server

LOOPBACK = [ipaddress.ip_network("127.0.0.0/8")]
OLD = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nold"
LENGTH, LENGTH_BODY = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", b"0"
CHUNKS, CHUNKS_BODY = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n0\r\n0\r\n\r\n"


async def get(client: GuardedClient, url: URL) -> tuple[int, bytes]:
    async with client.request("GET", url) as answer:
        return answer.status, b"".join([chunk async for chunk in answer.chunks()])


@asynccontextmanager
async def in_pieces(*pieces: bytes) -> AsyncIterator[tuple[RawServer, GuardedClient]]:
    """A host whose first answer on a connection arrives so; after it each is the number of the request."""
    first: Any = None

    async def behaviour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for piece in pieces:
            first.data_received(piece)
            while first._buffer:  # the client has not seen the head yet
                await asyncio.sleep(0)
        for number in (b"1", b"2"):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(LENGTH + number)

    async with raw_server(behaviour) as server, open_client(LOOPBACK) as client:
        connector: Any = client._session.connector
        made = connector._factory

        def remembered() -> Any:
            nonlocal first
            first = made()
            return first

        connector._factory = remembered
        yield server, client


@pytest.mark.parametrize(("head", "body"), [(LENGTH, LENGTH_BODY), (CHUNKS, CHUNKS_BODY)])
@pytest.mark.parametrize("behind", [OLD, OLD[:-3], OLD[:20], b"HTTP/1.1 100 Continue\r\n\r\n", b"old"])
async def test_what_comes_in_one_piece_with_the_end_of_a_body_is_no_answer_to_the_next_request(
    head: bytes, body: bytes, behind: bytes
) -> None:
    async with in_pieces(head, body + behind) as (server, client):
        assert [await get(client, server.url()) for _ in range(2)] == [(200, b"0")] * 2
    assert server.connections == 2


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
