"""R28: a client that was closed says so in its own words, also to who waits by it meanwhile."""

import asyncio
import re

import pytest
from pixmill import AsyncClient, Client, Patience, PixmillError
from pixmill.testing import FakePixmill

from tests.unit.client.conftest import PRODUCTS

AT_ONCE = Patience(longest_pause_seconds=0)
CLOSED = re.escape("This client is closed: nothing more can be asked by it.")


def test_a_wait_whose_client_is_closed_meanwhile_says_so(server: FakePixmill) -> None:
    """It ended with a RuntimeError of httpx."""
    server.hold()
    client = Client(server.url, patience=AT_ONCE, on_pause=lambda *_: client.close())
    accepted = client.upload(PRODUCTS)
    server.cut_next()
    with pytest.raises(PixmillError, match=CLOSED):
        client.wait(accepted.id)


async def test_a_wait_whose_asynchronous_client_is_closed_meanwhile_says_so(server: FakePixmill) -> None:
    server.hold()
    client = AsyncClient(server.url, patience=AT_ONCE)
    accepted, told = await client.upload(PRODUCTS), asyncio.Event()
    waiting = asyncio.create_task(client.wait(accepted.id, lambda _: told.set()))
    await told.wait()
    await client.close()
    with pytest.raises(PixmillError, match=CLOSED):
        await waiting


async def test_any_call_of_a_closed_client_says_so(server: FakePixmill) -> None:
    client, asking = Client(server.url), AsyncClient(server.url)
    client.close()
    await asking.close()
    with pytest.raises(PixmillError, match=CLOSED):
        client.request("r")
    with pytest.raises(PixmillError, match=CLOSED):
        await asking.request("r")
    with pytest.raises(PixmillError, match=CLOSED):
        next(client.follow("r"))
