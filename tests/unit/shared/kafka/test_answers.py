"""What a broker answers reaches whoever asked, in whatever pieces it comes; and an answer that does not come
is waited for as long as it was to be.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import conn
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import CorrelationIdError, KafkaConnectionError
from aiokafka.protocol.admin import ApiVersionRequest

from shared.kafka.library.answers import _Questions, take_answers_as_they_come
from tests.worlds.loops import LOOPS, MakeLoop, run

LONG_SECONDS, LONGER_SECONDS, SHORT_SECONDS = 300.0, 0.02, 0.01
QUESTIONS = [b"one", b"", b"three" * 100_000, b"four"]

Answering = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]


@pytest.fixture(autouse=True)
def _library_as_it_was_afterwards() -> Iterator[None]:
    create_reader_task, wait_for = AIOKafkaConnection._create_reader_task, conn.wait_for
    take_answers_as_they_come()
    yield
    AIOKafkaConnection._create_reader_task, conn.wait_for = create_reader_task, wait_for


@asynccontextmanager
async def connected(answering: Answering, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    """To a server that is no broker: its answers are bytes, as those of a login."""

    async def asks_for_no_versions(_: object) -> None:
        pass

    monkeypatch.setattr(AIOKafkaConnection, "_do_version_lookup", asks_for_no_versions)
    server = await asyncio.start_server(answering, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connection = AIOKafkaConnection("127.0.0.1", port, request_timeout_ms=LONG_SECONDS * 1000)
    await connection.connect()
    try:
        yield connection
    finally:
        await connection.close()
        server.close()


def ask(connection: Any, questions: Sequence[bytes], seconds: float = LONG_SECONDS) -> Sequence[Any]:
    connection._request_timeout = seconds
    return [connection._send_sasl_token(each) for each in questions]


def echoing(piece_bytes: int) -> Answering:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(piece_bytes):
            writer.write(data)
            await writer.drain()
        writer.close()

    return echo


async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(-1)
    writer.close()


@pytest.mark.parametrize("piece_bytes", [1_009, 2**20])
async def test_answers_come_to_those_who_asked(piece_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(echoing(piece_bytes), monkeypatch) as connection:
        assert await asyncio.gather(*ask(connection, QUESTIONS)) == QUESTIONS
        assert await asyncio.gather(*ask(connection, QUESTIONS)) == QUESTIONS


async def test_an_answer_is_there_as_soon_as_its_last_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop need not turn for it."""
    async with connected(keep_silent, monkeypatch) as connection:
        first, second = ask(connection, [b"", b""])
        for byte in b"\x00\x00\x00\x02hi":
            assert not first.done()
            connection._protocol.data_received(bytes([byte]))
        assert first.result() == b"hi"
        connection._protocol.data_received(b"\x00\x00\x00\x00")
        assert second.result() == b""


async def test_each_answer_is_waited_for_as_long_as_it_was_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(keep_silent, monkeypatch) as connection:
        (longest,) = ask(connection, [b"to join"])
        waits = [
            wait for seconds in (LONGER_SECONDS, SHORT_SECONDS) for wait in ask(connection, [b""], seconds)
        ]
        answers = await asyncio.gather(*waits, return_exceptions=True)
        assert [type(each) for each in answers] == [TimeoutError, TimeoutError]
        assert not longest.done()
        longest.cancel()


@pytest.mark.parametrize("make_loop", LOOPS)
def test_a_wait_of_next_to_nothing_is_followed_by_others(make_loop: MakeLoop) -> None:
    """What is due now is no timer on the services' loop."""

    async def story() -> None:
        loop = asyncio.get_running_loop()
        first, second = loop.create_future(), loop.create_future()
        for answer, seconds in ((first, 0.000_1), (second, LONG_SECONDS)):
            assert conn.wait_for(answer, seconds) is answer
        with pytest.raises(TimeoutError):
            await first
        assert not second.done()

    run(make_loop, story())


async def test_a_loop_that_rings_a_little_before_is_not_asked_again() -> None:
    rings: list[Callable[[], None]] = []
    loop: Any = SimpleNamespace(time=lambda: 0.0, call_at=lambda _, ring: rings.append(ring))
    answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    _Questions(loop).wait(answer, SHORT_SECONDS)
    rings.pop()()
    assert isinstance(answer.exception(), TimeoutError)
    assert not rings


async def test_all_that_is_out_has_one_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(echoing(2**20), monkeypatch) as connection:
        loop = asyncio.get_running_loop()
        with timers_of(loop, monkeypatch) as made:
            for _ in range(5):
                await asyncio.gather(*ask(connection, QUESTIONS))
        assert len(made) == 1


@contextmanager
def timers_of(loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    made: list[float] = []
    call_at = loop.call_at

    def noted(when: float, *arguments: Any, **options: Any) -> asyncio.TimerHandle:
        made.append(when)
        return call_at(when, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(loop, "call_at", noted)
        yield made


async def test_who_waits_hears_of_a_connection_that_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    async def end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(4)
        writer.write(b"\x00\x00\x00\x09half")
        writer.close()

    async with connected(end, monkeypatch) as connection:
        with pytest.raises(KafkaConnectionError):
            await ask(connection, [b""])[0]
        assert not connection.connected()


async def test_what_is_no_answer_ends_the_connection(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Nobody asked for it."""
    async with connected(keep_silent, monkeypatch) as connection:
        connection._protocol.data_received(b"\x00\x00\x00\x01?")
        while connection.connected():
            await asyncio.sleep(0)
        assert "Unexpected exception" in caplog.text


async def test_two_answers_of_which_one_is_another_ones_end_the_connection(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(keep_silent, monkeypatch) as connection:
        asked = [connection.send(ApiVersionRequest()) for _ in range(2)]
        connection._protocol.data_received(b"\x00\x00\x00\x04\x00\x00\x00\x63" * 2)
        told = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(each) for each in told] == [CorrelationIdError, KafkaConnectionError]
        assert not connection.connected()
        assert not caplog.records


async def test_what_comes_after_the_end_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with connected(keep_silent, monkeypatch) as connection:
        protocol, reader, ended = connection._protocol, connection._reader, connection.close()
        protocol.data_received(b"\x00\x00\x00\x01?")
        await ended
        assert reader.exception() is None
        assert not caplog.records
