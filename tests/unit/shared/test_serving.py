"""A service's HTTP server ends when it is told, and looks at the clock only for the date of its answers. One
that is broken off is no defect.
"""

import asyncio
import socket
from collections.abc import AsyncIterator

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Response
from fastapi.responses import StreamingResponse
from structlog.testing import LogCapture

from deploy.local.free_ports import free_port
from shared import serving
from shared.observing.logs import Action
from shared.serving import HttpServer, run_service
from shared.settings import EXIT_WRONG_SETTING, ServiceSettings
from shared.web.broken_off import BrokenOff
from shared.web.log import install_http_log
from shared.web.server.draining import calls_under_way, install_draining
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.servers.listening import listens


def server(app: FastAPI | None = None, port: int = 0) -> HttpServer:
    return HttpServer(uvicorn.Config(app or FastAPI(), port=port, lifespan="off", log_config=None))


def half_an_answer(error: Exception | None) -> FastAPI:
    """Its answer ends with the error, or never."""
    app = FastAPI()

    @app.get("/")
    async def half() -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"half"
            if error is not None:
                raise error
            await asyncio.Event().wait()

        return StreamingResponse(pieces())

    return app


async def test_it_ends_when_it_is_told_and_not_when_it_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "DATE_SECONDS", 3_600.0)
    http = server()
    running = asyncio.create_task(http.serve())
    await until(lambda: http.started and http.server_state.default_headers)
    http.end()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await running


async def test_it_writes_the_date_of_its_answers_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "DATE_SECONDS", 0.001)
    http = server()
    running = asyncio.create_task(http.serve())
    for _ in range(3):
        await until(lambda: http.server_state.default_headers)
        assert [name for name, _ in http.server_state.default_headers if name == b"date"]
        http.server_state.default_headers = []
    http.end()
    await running


async def test_it_says_that_it_has_started_once_it_listens(lines: LogCapture) -> None:
    http = server()
    running = asyncio.create_task(http.serve())
    await until(lambda: http.started)
    assert [line["event"] for line in lines.entries] == [Action.SERVICE_STARTED]
    http.end()
    await running


@pytest.mark.parametrize(
    ("error", "told"), [(BrokenOff("store is away"), []), (ZeroDivisionError(), [ZeroDivisionError])]
)
async def test_an_answer_that_is_broken_off_is_no_error_of_the_server_in_the_log(
    error: Exception, told: list[type], caplog: pytest.LogCaptureFixture
) -> None:
    """R21: each of an outage was a traceback, as of a defect."""
    http = server(half_an_answer(error))
    running = asyncio.create_task(http.serve())
    await until(lambda: http.started)
    async with httpx.AsyncClient(timeout=DEADLINE_SECONDS) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(address(http))
    http.end()
    await running
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == told


async def test_an_answer_that_outlasts_the_drain_is_broken_off_without_a_traceback(
    caplog: pytest.LogCaptureFixture, lines: LogCapture
) -> None:
    """R21: its line in the log says why."""
    app = half_an_answer(None)
    install_draining(app)
    install_http_log(app)
    http = server(app)
    running = asyncio.create_task(http.serve())
    await until(lambda: http.started)
    async with (
        httpx.AsyncClient(timeout=DEADLINE_SECONDS) as client,
        client.stream("GET", address(http)) as answer,
    ):
        pieces = answer.aiter_bytes()
        assert await anext(pieces) == b"half"
        calls_under_way(app).give_up()
        with pytest.raises(httpx.RemoteProtocolError):
            await anext(pieces)
    http.end()
    await running
    assert [record for record in caplog.records if record.exc_info] == []
    (line,) = (line for line in lines.entries if line["event"] == Action.HTTP_ANSWERED)
    told = (line["log_level"], line["status"], line["whole"], line["reason"])
    assert told == ("warning", 200, False, "the service is being stopped")


async def test_a_call_without_an_answer_by_the_end_of_the_drain_is_a_503_with_its_line(
    lines: LogCapture,
) -> None:
    """R18, R21"""
    app, has_begun = FastAPI(), asyncio.Event()

    @app.get("/")
    async def never() -> None:
        has_begun.set()
        await asyncio.Event().wait()

    install_draining(app)
    install_http_log(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        asking = asyncio.create_task(client.get("/", headers={"X-Request-Id": "me-1"}))
        await has_begun.wait()
        calls_under_way(app).give_up()
        answer = await asking
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert answer.json()["x_request_id"] == answer.headers["x-request-id"] == "me-1"
    (line,) = (line for line in lines.entries if line["event"] == Action.HTTP_ANSWERED)
    assert (line["status"], line["whole"]) == (503, True)


async def test_a_call_that_comes_when_there_is_no_more_time_is_a_503_and_asks_nobody(
    lines: LogCapture,
) -> None:
    """R18: it was begun, cut off when the loop ended, and a plain 500."""
    app, asked = FastAPI(), []

    @app.get("/")
    async def ask() -> None:
        asked.append(1)

    install_draining(app)
    install_http_log(app)
    calls_under_way(app).give_up()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer, sent = await client.get("/"), await client.post("/", content=b"a list")
    for told in (answer, sent):
        headers = told.headers
        assert (told.status_code, headers["retry-after"], headers["connection"]) == (503, "2", "close")
    assert answer.json()["x_request_id"] == answer.headers["x-request-id"]
    assert asked == []
    log = [line for line in lines.entries if line["event"] == Action.HTTP_ANSWERED]
    assert [(line["status"], line["whole"]) for line in log] == [(503, True)] * 2


async def test_a_service_that_stops_gives_its_calls_up_in_time_and_takes_no_other() -> None:
    """R18"""
    app, has_begun, stopping, port = FastAPI(), asyncio.Event(), asyncio.Event(), free_port()

    @app.get("/")
    async def never() -> None:
        has_begun.set()
        await asyncio.Event().wait()

    install_draining(app)
    calls = calls_under_way(app)
    settings = ServiceSettings(port=port, kafka_bootstrap="127.0.0.1:1", drain_seconds=1)
    async with asyncio.TaskGroup() as tasks, httpx.AsyncClient(timeout=DEADLINE_SECONDS) as client:
        tasks.create_task(serving._serve_http(app, calls, settings, stopping))
        await until(lambda: listens(port))
        asked = tasks.create_task(client.get(f"http://127.0.0.1:{port}/"))
        await has_begun.wait()
        assert not calls.are_last
        stopping.set()
        answer = await asked
    assert (answer.status_code, calls.are_last, calls.are_over) == (503, True, True)


async def test_a_service_that_has_ended_without_a_call_takes_no_other() -> None:
    app, stopping = FastAPI(), asyncio.Event()
    install_draining(app)
    calls = calls_under_way(app)
    stopping.set()
    settings = ServiceSettings(port=free_port(), kafka_bootstrap="127.0.0.1:1", drain_seconds=3_600)
    async with asyncio.timeout(DEADLINE_SECONDS):
        await serving._serve_http(app, calls, settings, stopping)
    assert calls.are_over


async def test_a_connection_the_server_did_not_know_as_it_began_to_end_is_ended_by_its_first_answer() -> None:
    """R18: calls went on over it until all of them were cut off."""
    app = FastAPI()

    @app.get("/")
    async def answer() -> None: ...

    install_draining(app)
    http = server(app)
    running = asyncio.create_task(http.serve())
    await until(lambda: http.started)
    reader, writer = await asyncio.open_connection(*http.servers[0].sockets[0].getsockname())
    await until(lambda: http.server_state.connections)
    unknown = http.server_state.connections.copy()
    http.server_state.connections.clear()
    calls_under_way(app).become_last()
    http.end()
    await until(lambda: not http.servers[0].is_serving())
    http.server_state.connections |= unknown
    writer.write(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    async with asyncio.timeout(DEADLINE_SECONDS):
        told = await reader.read()
        await running
    assert told.startswith(b"HTTP/1.1 200")
    assert b"\r\nconnection: close\r\n" in told.lower()
    writer.close()


def address(http: HttpServer) -> str:
    return f"http://127.0.0.1:{http.servers[0].sockets[0].getsockname()[1]}"


def test_a_service_whose_port_is_taken_says_so_in_a_line_and_says_goodbye(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, lines: LogCapture
) -> None:
    """R21: it died with a traceback, in the middle of everything, and said before that it had started."""
    ended_in_order: list[bool] = []

    async def service() -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(server(port=port).serve())
        finally:
            await asyncio.sleep(0)
            ended_in_order.append(True)

    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as ended:
            run_service(service())
    assert (ended.value.code, ended_in_order) == (EXIT_WRONG_SETTING, [True])
    (line,) = capsys.readouterr().err.splitlines()
    assert (caplog.records, lines.entries) == ([], [])
    assert line.startswith("wrong setting HOST, PORT: ")
    assert str(port) in line
