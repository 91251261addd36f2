"""R28: why nobody answers is told in words, whichever way the connection was tried."""

import asyncio
import ssl

import httpx
import pytest
from pixmill import AsyncClient, Client, Patience, UnreachableError
from pixmill.exchange import reason_of

ONCE = Patience(tries=1)
NOBODY = "http://127.0.0.1:1"


def failed(cause: BaseException) -> Exception:
    error = httpx.ConnectError("[Errno 111] All connection attempts failed")
    error.__cause__ = OSError("All connection attempts failed")
    error.__cause__.__cause__ = cause
    return error


def test_where_nothing_listens_both_clients_say_so() -> None:
    async def ask() -> None:
        async with AsyncClient(NOBODY, patience=ONCE) as client:
            await client.request("id")

    with pytest.raises(UnreachableError) as of_both, Client(NOBODY, patience=ONCE) as client:
        client.request("id")
    with pytest.raises(UnreachableError) as of_async:
        asyncio.run(ask())
    for raised in (of_both.value, of_async.value):
        assert (str(raised), raised.nothing_listens_at) == (f"Nothing listens at {NOBODY}.", NOBODY)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (failed(ConnectionRefusedError(111, "Connection refused")), "nothing listens there"),
        (failed(ExceptionGroup("both", [ConnectionRefusedError(), OSError()])), "nothing listens there"),
        (failed(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]")), "no TLS that is understood"),
        (failed(OSError(113, "No route to host")), "No route to host"),
        (httpx.ReadTimeout(""), "no answer within the time-out"),
        (httpx.ConnectTimeout(""), "nothing answers there within the time-out"),
    ],
)
def test_the_reason_is_in_words(error: Exception, words: str) -> None:
    assert words in reason_of(error)
