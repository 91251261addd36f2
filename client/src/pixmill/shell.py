"""Runs flows with httpx, one thing after the other. It knows no path of the API."""

import ssl
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing
from typing import Any, TypeVar

import httpx

from pixmill.environment import may_take_proxy, read_environment
from pixmill.errors import UnreachableError
from pixmill.exchange import Address, answer_of, request_of, unreachable
from pixmill.flows.calling import PROBLEM_BEGINS
from pixmill.flows.effects import Answer, Call, Effect, Emit, Flow, Now, Open, Pause, Read, Send

T = TypeVar("T")


class Shell:
    """Connections to one server. Threads may share it: each flow has its own stream."""

    def __init__(self, address: Address) -> None:
        self._address = address
        with read_environment():
            trusted = httpx.create_ssl_context()
            self._http = _client(address, trusted, address.limits())
            self._http_of_waits = _client(address, trusted, address.limits_of_waits())

    def close(self) -> None:
        self._http.close()
        self._http_of_waits.close()

    def run(self, flow: Flow[T]) -> T:
        """What the flow returns; what it emits on its way is not asked for."""
        values = self.values(flow)
        while True:
            try:
                next(values)
            except StopIteration as end:
                result: T = end.value
                return result

    def values(self, flow: Flow[T]) -> Generator[Any, None, T]:
        """What the flow emits, when it does."""
        with _Streams(self._http, self._http_of_waits, self._address) as streams, closing(flow):
            result: Any = None
            error: UnreachableError | None = None
            while True:
                try:
                    effect = flow.throw(error) if error else flow.send(result)
                except StopIteration as end:
                    returned: T = end.value
                    return returned
                result, error = None, None
                if isinstance(effect, Emit):
                    yield effect.value
                    continue
                try:
                    result = streams.done(effect)
                except UnreachableError as failure:
                    error = failure


def _client(address: Address, trusted: ssl.SSLContext, limits: httpx.Limits) -> httpx.Client:
    return httpx.Client(
        verify=trusted,
        follow_redirects=False,
        limits=limits,
        trust_env=may_take_proxy(address.url),
    )


class _Streams:
    """Does one effect after the other; at most one stream is open."""

    def __init__(self, http: httpx.Client, http_of_waits: httpx.Client, address: Address) -> None:
        self._http, self._http_of_waits, self._address = http, http_of_waits, address
        self._open = ExitStack()
        self._chunks: Iterator[bytes] = iter(())

    def __enter__(self) -> "_Streams":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def done(self, effect: Effect) -> Any:
        if isinstance(effect, Send):
            return self._sent(effect.call)
        if isinstance(effect, Open):
            return self._opened(effect.call)
        if isinstance(effect, Read):
            return self._read()
        if isinstance(effect, Pause):
            self._address.pauses(effect)
            return time.sleep(effect.seconds)
        if isinstance(effect, Now):
            return time.monotonic()
        raise TypeError(effect)

    def _sent(self, call: Call) -> Answer:
        with unreachable(self._address, self._http):
            response = self._http_for(call).send(self._request(call))
            return answer_of(response, response.content)

    def _opened(self, call: Call) -> Answer:
        self._open.close()
        with unreachable(self._address, self._http):
            response = self._http_for(call).send(self._request(call), stream=True)
            self._open.callback(response.close)
            self._chunks = response.iter_bytes()
            return answer_of(response, response.read() if response.status_code >= PROBLEM_BEGINS else b"")

    def _read(self) -> bytes:
        with unreachable(self._address, self._http):
            return next(self._chunks, b"")

    def _http_for(self, call: Call) -> httpx.Client:
        return self._http_of_waits if call.awaits_news else self._http

    def _request(self, call: Call) -> httpx.Request:
        return request_of(call, self._address, call.body.chunks() if call.body else None)
