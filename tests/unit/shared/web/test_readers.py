"""What answers hold for their readers: counted while they are sent, refused beyond, always given back."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Message

from shared.observing.health import Health
from shared.web.health_routes import health_routes
from shared.web.log import install_http_log
from shared.web.problems import install_problems
from shared.web.readers import (
    PIECE_BYTES,
    STREAM_BYTES,
    PieceTooLargeError,
    Readers,
    count_reader,
    install_readers,
)

WHOLE = bytes(range(256)) * 1_000


def make_app(readers: Readers) -> FastAPI:
    app = FastAPI()
    install_problems(app)
    install_readers(app, readers)
    app.include_router(health_routes(Health()))

    @app.get("/whole/{size}")
    async def whole(request: Request, size: int) -> Response:
        request.state.tenant = request.headers.get("x-tenant", "shop")
        return Response(WHOLE[:size])

    @app.get("/streamed")
    async def streamed(request: Request) -> Response:
        async def chunks() -> AsyncIterator[bytes]:
            yield WHOLE

        count_reader(request, tenant="owner")
        return StreamingResponse(chunks())

    @app.get("/wide")
    async def wide() -> Response:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"head"
            yield bytes(4 * STREAM_BYTES)
            yield b"end"

        return StreamingResponse(chunks())

    @app.get("/broken")
    async def broken() -> Response:
        async def chunks() -> AsyncIterator[bytes]:
            yield b"half"
            raise ZeroDivisionError

        return StreamingResponse(chunks())

    install_http_log(app)
    return app


async def get(readers: Readers, path: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(make_app(readers), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside", headers=headers) as client:
        return await client.get(path)


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, len(WHOLE)])
async def test_an_answer_arrives_whole_whatever_its_size(size: int) -> None:
    readers = Readers()
    answer = await get(readers, f"/whole/{size}")
    assert (answer.status_code, answer.content) == (200, WHOLE[:size])
    assert answer.headers["content-length"] == str(size)
    assert readers.held_bytes == 0


async def test_a_piece_that_is_larger_than_its_streams_place_takes_more_while_it_is_sent() -> None:
    """R29"""
    readers = Readers(16 * STREAM_BYTES)
    sent = await pieces_of(make_app(readers), "/wide", readers)
    assert {held for size, held in sent if size in {len(b"head"), len(b"end")}} == {STREAM_BYTES}
    assert {held for size, held in sent if size == PIECE_BYTES} == {4 * STREAM_BYTES}
    assert readers.held_bytes == 0


async def test_a_stream_breaks_off_at_a_piece_for_which_there_is_no_place() -> None:
    """R29"""
    readers = Readers(16 * STREAM_BYTES)
    with readers.one_of("greedy", 14 * STREAM_BYTES), pytest.raises(PieceTooLargeError):
        await pieces_of(make_app(readers), "/wide", readers)
    assert readers.held_bytes == 0


async def pieces_of(app: FastAPI, path: str, readers: Readers) -> list[tuple[int, int]]:
    """Of each piece that is sent: its bytes, and what is held then."""
    sent: list[tuple[int, int]] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            sent.append((len(message.get("body", b"")), readers.held_bytes))

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    await app(scope, receive, send)
    return sent


@pytest.mark.parametrize(
    ("path", "held"), [(f"/whole/{len(WHOLE)}", len(WHOLE)), ("/streamed", STREAM_BYTES)]
)
async def test_a_large_answer_is_sent_in_pieces_and_counted_until_the_last(path: str, held: int) -> None:
    """R14"""
    readers = Readers()
    sent = await pieces_of(make_app(readers), path, readers)
    assert max(size for size, _ in sent) == PIECE_BYTES
    assert {held_then for _, held_then in sent} == {held}
    assert readers.held_bytes == 0


async def test_beyond_a_share_the_answer_is_429_and_beyond_all_503() -> None:
    """R20"""
    readers = Readers(2 * len(WHOLE))
    with readers.one_of("shop", len(WHOLE)):
        own = await get(readers, f"/whole/{len(WHOLE)}")
        assert (own.status_code, own.headers["retry-after"]) == (429, "2")
        assert own.json()["x_request_id"] == own.headers["x-request-id"]
        assert (await get(readers, f"/whole/{len(WHOLE)}", **{"x-tenant": "other"})).status_code == 200
        assert (await get(readers, "/whole/10")).status_code == 200
        with readers.one_of("other", len(WHOLE)):
            assert (await get(readers, f"/whole/{len(WHOLE)}", **{"x-tenant": "third"})).status_code == 503
            assert (await get(readers, "/metrics")).status_code == 200
    assert (await get(readers, f"/whole/{len(WHOLE)}")).status_code == 200


async def test_a_file_that_needs_no_key_is_of_its_owners_share() -> None:
    """R20"""
    readers = Readers(2 * STREAM_BYTES)
    with readers.one_of("owner", STREAM_BYTES):
        assert (await get(readers, "/streamed")).status_code == 429


async def test_a_place_is_given_back_when_an_answer_breaks_off() -> None:
    readers = Readers()
    with pytest.raises(ZeroDivisionError):
        await pieces_of(make_app(readers), "/broken", readers)
    assert readers.held_bytes == 0
