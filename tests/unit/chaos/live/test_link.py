"""The proxy between a process and a server: what its callers and the server notice of each harm."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from chaos.live.world.link import HOST, Link, Side
from deploy.local.free_ports import free_port

NO_ANSWER = (ConnectionError, asyncio.IncompleteReadError)


@dataclass(slots=True)
class Caller:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def ask(self, text: bytes) -> bytes:
        self.writer.write(text)
        await self.writer.drain()
        return await self.reader.readexactly(len(text))


@dataclass(slots=True)
class Echo:
    """A server that says again, aloud, what it hears."""

    port: int
    heard: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    ends: asyncio.Queue[str] = field(default_factory=asyncio.Queue)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        end = "closed"
        try:
            while data := await reader.read(1024):
                self.heard.put_nowait(data)
                writer.write(data.upper())
                await writer.drain()
        except ConnectionError:
            end = "reset"
        self.ends.put_nowait(end)
        writer.close()


Connect = Callable[[int], Awaitable[Caller]]


@pytest.fixture
async def server() -> AsyncIterator[Echo]:
    echo = Echo(free_port())
    async with await asyncio.start_server(echo.serve, HOST, echo.port):
        yield echo


@pytest.fixture
async def link(server: Echo) -> AsyncIterator[Link]:
    opened = Link(port=free_port(), target_port=server.port)
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    callers: list[Caller] = []

    async def connected(port: int) -> Caller:
        callers.append(Caller(*await asyncio.open_connection(HOST, port)))
        return callers[-1]

    yield connected
    for caller in callers:
        caller.writer.close()
        with suppress(ConnectionError):
            await caller.writer.wait_closed()


async def test_what_is_said_is_carried_both_ways_to_the_last_word(link: Link, connect: Connect) -> None:
    caller = await connect(link.port)
    assert await caller.ask(b"hello") == b"HELLO"
    caller.writer.write(b"last")
    caller.writer.write_eof()
    assert await caller.reader.read() == b"LAST"


async def test_a_cut_link_resets_both_sides_and_takes_nobody_until_it_is_healed(
    server: Echo, link: Link, connect: Connect
) -> None:
    caller = await connect(link.port)
    await caller.ask(b"hello")
    link.cut()
    with pytest.raises(ConnectionResetError):
        await caller.reader.read()
    assert await server.ends.get() == "reset"
    with pytest.raises(NO_ANSWER):
        await (await connect(link.port)).ask(b"hello")
    link.heal()
    assert await (await connect(link.port)).ask(b"again") == b"AGAIN"


async def test_over_a_silent_link_nothing_passes_until_it_is_healed_and_nothing_is_lost(
    server: Echo, link: Link, connect: Connect
) -> None:
    old = await connect(link.port)
    await old.ask(b"hello")
    link.silence()
    callers = [old, await connect(link.port)]
    answers = [asyncio.create_task(caller.ask(b"later")) for caller in callers]
    await (await connect(server.port)).ask(b"direct")  # what came over the link before would be heard by now
    assert [server.heard.get_nowait() for _ in range(server.heard.qsize())] == [b"hello", b"direct"]
    link.heal()
    assert await asyncio.gather(*answers) == [b"LATER", b"LATER"]


async def test_a_slow_link_keeps_the_order(link: Link, connect: Connect) -> None:
    link.slow(0.001)
    caller = await connect(link.port)
    pieces = [b"%04d" % number for number in range(20)]
    assert [await caller.ask(piece) for piece in pieces] == [piece.upper() for piece in pieces]


async def test_of_a_half_open_connection_the_caller_hears_nothing_before_it_is_healed(
    server: Echo, link: Link, connect: Connect
) -> None:
    old = await connect(link.port)
    await old.ask(b"hello")
    link.half_open(Side.CALLER)
    assert await server.ends.get() == "reset"
    answer = asyncio.create_task(old.ask(b"anybody?"))
    assert await (await connect(link.port)).ask(b"new") == b"NEW"
    assert not answer.done()
    link.heal()
    with pytest.raises(NO_ANSWER):
        await answer


async def test_of_a_half_open_connection_the_server_hears_nothing_before_it_is_healed(
    server: Echo, link: Link, connect: Connect
) -> None:
    old = await connect(link.port)
    await old.ask(b"hello")
    link.half_open(Side.SERVER)
    with pytest.raises(ConnectionResetError):
        await old.reader.read()
    assert await (await connect(link.port)).ask(b"new") == b"NEW"
    assert server.ends.empty()
    link.heal()
    assert await server.ends.get() == "reset"
