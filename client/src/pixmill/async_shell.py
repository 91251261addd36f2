"""Runs flows with httpx on an event loop. It knows no path of the API."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, closing, suppress
from typing import Any, TypeVar

import httpx

from pixmill.environment import may_take_proxy, read_environment
from pixmill.errors import UnreachableError
from pixmill.exchange import Address, answer_of, request_of, unreachable
from pixmill.flows.calling import PROBLEM_BEGINS
from pixmill.flows.effects import Answer, Call, Effect, Emit, Flow, Now, Open, Pause, Read, Send

T = TypeVar("T")


class AsyncShell:
    """Connections to one server. Tasks may share it: each flow has its own stream."""

    def __init__(self, address: Address) -> None:
        self._address = address
        with read_environment():
            trusted = httpx.create_ssl_context()
            self._http = _client(address, trusted, address.limits())
            self._http_of_waits = _client(address, trusted, address.limits_of_waits())

    async def close(self) -> None:
        await self._http.aclose()
        await self._http_of_waits.aclose()

    async def run(self, flow: Flow[T]) -> T:
        """What the flow returns; what it emits on its way is not asked for."""
        returned: list[T] = []
        async for _ in self.values(flow, returned):
            pass
        return returned[0]

    async def values(self, flow: Flow[T], returned: list[T] | None = None) -> AsyncIterator[Any]:
        """What the flow emits, when it does. An async generator cannot return: that goes into `returned`."""
        with closing(flow):
            async with _Streams(self._http, self._http_of_waits, self._address) as streams:
                result: Any = None
                error: UnreachableError | None = None
                while True:
                    try:
                        effect = flow.throw(error) if error else flow.send(result)
                    except StopIteration as end:
                        if returned is not None:
                            returned.append(end.value)
                        return
                    result, error = None, None
                    if isinstance(effect, Emit):
                        yield effect.value
                        continue
                    try:
                        result = await streams.done(effect)
                    except UnreachableError as failure:
                        error = failure


def _client(address: Address, trusted: ssl.SSLContext, limits: httpx.Limits) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        verify=trusted,
        follow_redirects=False,
        limits=limits,
        trust_env=may_take_proxy(address.url),
    )


class _Streams:
    """Does one effect after the other; at most one stream is open."""

    def __init__(self, http: httpx.AsyncClient, http_of_waits: httpx.AsyncClient, address: Address) -> None:
        self._http, self._http_of_waits, self._address = http, http_of_waits, address
        self._open = AsyncExitStack()
        self._chunks: AsyncIterator[bytes]

    async def __aenter__(self) -> "_Streams":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._open.aclose()

    async def done(self, effect: Effect) -> Any:
        if isinstance(effect, Send):
            return await self._sent(effect.call)
        if isinstance(effect, Open):
            return await self._opened(effect.call)
        if isinstance(effect, Read):
            return await self._read()
        if isinstance(effect, Pause):
            self._address.pauses(effect)
            return await asyncio.sleep(effect.seconds)
        if isinstance(effect, Now):
            return time.monotonic()
        raise TypeError(effect)

    async def _sent(self, call: Call) -> Answer:
        with unreachable(self._address, self._http):
            response = await self._http_for(call).send(self._request(call))
            return answer_of(response, response.content)

    async def _opened(self, call: Call) -> Answer:
        await self._open.aclose()
        with unreachable(self._address, self._http):
            response = await self._http_for(call).send(self._request(call), stream=True)
            self._chunks = response.aiter_bytes()
            self._open.push_async_callback(_end, self._chunks)
            self._open.push_async_callback(response.aclose)  # before that
            is_error = response.status_code >= PROBLEM_BEGINS
            return answer_of(response, await response.aread() if is_error else b"")

    async def _read(self) -> bytes:
        with unreachable(self._address, self._http):
            return await anext(self._chunks, b"")

    def _http_for(self, call: Call) -> httpx.AsyncClient:
        return self._http_of_waits if call.awaits_news else self._http

    def _request(self, call: Call) -> httpx.Request:
        return request_of(call, self._address, _awaited(call.body.chunks()) if call.body else None)


async def _end(chunks: AsyncIterator[bytes]) -> None:
    """Of an answer that is closed: httpx reads it by generators that lie in each other. The error of its
    closed connection ends them all; left alone, they may wait for turns of an event loop that has ended.
    """
    with suppress(httpx.HTTPError, httpx.StreamError):
        async for _ in chunks:
            pass


async def _awaited(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
