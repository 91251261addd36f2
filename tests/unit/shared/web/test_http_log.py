"""What is logged of a call and answered to it besides the endpoint's own words."""

import asyncio
import json
from collections.abc import Iterator

import httpx
import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import StreamingResponse
from structlog.testing import LogCapture

from shared.observing.health import Health
from shared.observing.logs import log
from shared.outcomes import Away
from shared.web.auth import OpenDoor
from shared.web.broken_off import BrokenOff
from shared.web.cors import allow_origins
from shared.web.health_routes import health_routes
from shared.web.log import install_http_log
from shared.web.problems import Problem, install_problems

CANARY = "canary-7f3a"
SHOP = "https://shop.example"


def make_app() -> FastAPI:
    app = FastAPI()
    install_problems(app)
    allow_origins(app, [SHOP])
    install_http_log(app)

    @app.post("/v1/things/{request_id}")
    async def thing(request: Request, request_id: str) -> Response:
        await OpenDoor().tenant(request)
        await request.body()
        log.info("working")
        await asyncio.to_thread(log.info, "working_in_a_thread")
        return Response(b"12345")

    @app.get("/problem")
    async def problem() -> Response:
        raise Problem(404, "not-found", "Not Found", "There is none.")

    @app.get("/away")
    async def away() -> Response:
        raise Away("store", "gone")

    @app.get("/bug")
    async def bug() -> Response:
        raise ZeroDivisionError

    @app.get("/broken-stream")
    async def broken_stream() -> Response:
        def pieces() -> Iterator[bytes]:
            yield b"half"
            raise ZeroDivisionError

        return StreamingResponse(pieces())

    @app.get("/broken-off")
    async def broken_off() -> Response:
        def pieces() -> Iterator[bytes]:
            yield b"half"
            raise BrokenOff("store is away: gone")

        return StreamingResponse(pieces())

    return app


def client(app: FastAPI | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app or make_app(), raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://test")


async def test_one_line_says_what_was_asked_and_answered(lines: LogCapture) -> None:
    """R21"""
    upload = "01930000-0000-7000-8000-000000000001"
    async with client() as http:
        answer = await http.post(f"/v1/things/{upload}?a=b", content=b"abc", headers={"X-Request-Id": "me-1"})
    assert answer.headers["x-request-id"] == "me-1"
    (line,) = [line for line in lines.entries if line["event"] == "http_answered"]
    assert line.pop("duration_ms") >= 0
    assert line.pop("service")
    assert line == {
        "event": "http_answered",
        "log_level": "info",
        "method": "POST",
        "route": "/v1/things/{request_id}",
        "status": 200,
        "bytes_in": 3,
        "bytes_out": 5,
        "whole": True,
        "tenant": "local",
        "request_id": upload,
        "x_request_id": "me-1",
    }


async def test_every_line_of_a_call_has_its_id_and_no_other_calls(lines: LogCapture) -> None:
    """R21"""
    async with client() as http:
        sent = [f"call-{number}" for number in range(5)]
        await asyncio.gather(*(http.post("/v1/things/x", headers={"X-Request-Id": each}) for each in sent))
    log.info("afterwards")
    ids = [line.get("x_request_id") for line in lines.entries]
    assert sorted(filter(None, ids)) == sorted(sent * 3)
    assert ids[-1] is None


@pytest.mark.parametrize(
    ("path", "level"),
    [("/readyz", "debug"), ("/startedz", "debug"), ("/livez", "warning"), ("/away", "warning")],
)
async def test_probes_of_a_service_that_waits_do_not_bury_why_it_waits(
    path: str, level: str, lines: LogCapture
) -> None:
    """R21: `dependency_away` stood among hundreds of these. What is not alive has no such line."""
    health, app = Health(), make_app()
    health.unready("store", "gone")
    health.watch("consumer", lambda: "stands still")
    app.include_router(health_routes(health))
    async with client(app) as http:
        assert (await http.get(path)).status_code == 503
    (line,) = [line for line in lines.entries if line["event"] == "http_answered"]
    assert line["log_level"] == level


@pytest.mark.parametrize("sent", ["", " ", "a b", "x" * 129, 'a"b', "é", "a\tb", "{}"])
async def test_an_id_that_could_spoil_a_log_is_replaced(sent: str) -> None:
    async with client() as http:
        answer = await http.get("/problem", headers={b"X-Request-Id": sent.encode()})
        other = await http.get("/problem")
    made = answer.headers["x-request-id"]
    assert made.isalnum()
    assert len(made) == 32
    assert answer.json()["x_request_id"] == made != other.json()["x_request_id"]


@pytest.mark.parametrize(
    ("path", "status"), [("/problem", 404), ("/away", 503), ("/bug", 500), ("/none", 404)]
)
async def test_every_problem_names_the_id_and_may_be_read_by_an_allowed_page(path: str, status: int) -> None:
    """R15"""
    async with client() as http:
        answer = await http.get(path, headers={"X-Request-Id": "me-1", "Origin": SHOP})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["x_request_id"] == answer.headers["x-request-id"] == "me-1"
    assert answer.headers["access-control-allow-origin"] == SHOP


async def test_a_method_that_is_not_served_is_a_405_that_names_those_that_are() -> None:
    app = make_app()

    @app.delete("/problem")
    async def delete_problem() -> Response:
        return Response(status_code=204)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http:
        answer = await http.put("/problem")
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET")


async def test_a_bug_is_logged_with_its_traceback_and_id(lines: LogCapture) -> None:
    """R21"""
    async with client() as http:
        await http.get("/bug", headers={"X-Request-Id": "me-1"})
    failed, answered = lines.entries
    assert (failed["event"], failed["x_request_id"]) == ("http_failed", "me-1")
    assert isinstance(failed["exc_info"], ZeroDivisionError)
    assert (answered["status"], answered["log_level"]) == (500, "warning")


async def test_an_answer_that_breaks_off_is_not_called_whole(lines: LogCapture) -> None:
    async with client() as http:
        await http.get("/broken-stream")
    assert [(line["status"], line["whole"]) for line in lines.entries] == [(200, False)]


async def test_an_answer_that_we_broke_off_says_why(lines: LogCapture) -> None:
    """R21"""
    async with client() as http:
        await http.get("/broken-off")
    (line,) = lines.entries
    assert (line["status"], line["whole"], line["log_level"]) == (200, False, "warning")
    assert line["reason"] == "store is away: gone"


async def test_no_line_holds_what_may_be_a_secret(lines: LogCapture) -> None:
    """R20"""
    headers = {
        "Authorization": f"Bearer {CANARY}",
        "X-API-Key": CANARY,
        "Cookie": CANARY,
        "User-Agent": CANARY,
    }
    async with client() as http:
        await http.post(f"/v1/things/{CANARY}?token={CANARY}", content=CANARY, headers=headers)
        await http.get(f"/{CANARY}", headers=headers)
    assert len(lines.entries) == 4
    assert CANARY not in json.dumps(lines.entries)


@pytest.mark.parametrize(
    ("origin", "allowed"), [(SHOP, SHOP), ("https://evil.example", None), ("null", None)]
)
async def test_only_pages_of_configured_origins_may_call(origin: str, allowed: str | None) -> None:
    """R20"""
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-api-key,idempotency-key",
    }
    async with client() as http:
        asked_first = await http.options("/v1/things/x", headers=asked)
        answer = await http.post("/v1/things/x", headers={"Origin": origin})
    assert asked_first.status_code == (200 if allowed else 400)
    assert asked_first.headers.get("access-control-allow-origin") == allowed
    assert answer.headers.get("access-control-allow-origin") == allowed
    assert "access-control-allow-credentials" not in answer.headers


async def test_such_a_page_may_ask_for_a_part_of_a_file_and_see_which_part_it_got() -> None:
    asked = {
        "Origin": SHOP,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-range,range,x-api-key",
    }
    async with client() as http:
        asked_first = await http.options("/problem", headers=asked)
        answer = await http.get("/problem", headers={"Origin": SHOP})
    assert asked_first.status_code == 200
    assert "Content-Range" in answer.headers["access-control-expose-headers"].split(", ")
