"""A fake server, and both clients before it as one: the asynchronous one is driven by a loop of its own."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, cast

import pytest
from pixmill import AsyncClient, Client, Patience
from pixmill.testing import FakePixmill

HASTY = Patience(longest_pause_seconds=0)
PRODUCTS = b"""S. No.,Product Name,Input Image Urls
1,Teapot,"https://shop.example/a.jpg,https://shop.example/b.jpg"
2,Lamp,https://shop.example/c.jpg
"""


class Blocking:
    """An AsyncClient that reads like a Client."""

    def __init__(self, make: Callable[[], AsyncClient]) -> None:
        self._loop = asyncio.new_event_loop()
        self._client = make()

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._client, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            if inspect.isasyncgen(result):
                return iter(self._loop.run_until_complete(_listed(result)))
            return self._loop.run_until_complete(cast("Coroutine[Any, Any, Any]", result))

        return call

    def close(self) -> None:
        self._loop.run_until_complete(self._client.close())
        self._loop.close()


async def _listed(values: AsyncIterator[Any]) -> list[Any]:
    return [value async for value in values]


@pytest.fixture
def server() -> Iterator[FakePixmill]:
    with FakePixmill() as fake:
        yield fake


@pytest.fixture(params=["Client", "AsyncClient"])
def client(server: FakePixmill, request: pytest.FixtureRequest) -> Iterator[Client]:
    made = (
        Client(server.url, patience=HASTY)
        if request.param == "Client"
        else cast("Client", Blocking(lambda: AsyncClient(server.url, patience=HASTY)))
    )
    yield made
    made.close()
