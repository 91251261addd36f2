"""R25: one address in front of ingest and status, by the configuration that compose and Kubernetes mount."""

import asyncio
import io
import os
import signal
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from deploy.local.free_ports import free_port
from deploy.local.own_stack import OwnStack
from deploy.local.servers.gateway import Gateway
from tests.system.client import Client
from tests.system.gateway import MAX_UPLOAD_BYTES, gateway
from tests.system.origin import Origin
from tests.worlds.patience import DEADLINE_SECONDS, LOOK_AGAIN_SECONDS, until

UNKNOWN = "00000000-0000-7000-8000-000000000000"
FAMILIES = [
    ("/v1/requests", 202, "request_id", "/v1/requests/{}", "/v1/requests/{}/output.csv"),
    ("/upload", 200, "request_id", "/status/{}", "/download/{}"),
    ("/upload/", 200, "request_id", "/status/{}/", "/download/{}/"),
    ("/api/upload", 202, "requestId", "/api/status/{}", "/api/download/{}"),
    ("/api/upload/", 202, "requestId", "/api/status/{}/", "/api/download/{}/"),
]
CLOSED = [
    *("/internal/backlog", "/internal", "/internal/", "/INTERNAL/backlog", "/%69nternal/backlog"),
    *("/internal%2fbacklog", "//internal/backlog", "/v1/../internal/backlog", "/v1/%2e%2e/internal/backlog"),
    *("/./metrics", "/metrics/", "/metrics", "/%6detrics", "/METRICS", "/gateway-livez/metrics"),
    *("/livez", "/readyz", "/docs/", "/openapi/whole.json", "/openapi/status.json"),
]


@pytest.fixture(scope="module")
def front(stack: OwnStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    endpoints = stack.endpoints
    folder = tmp_path_factory.mktemp("gateway")
    with gateway(folder, endpoints["ingest_url"], endpoints["status_url"]) as running:
        yield running


@pytest.fixture
async def http(front: Gateway) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(
        front.url, timeout=aiohttp.ClientTimeout(total=DEADLINE_SECONDS)
    ) as session:
        yield session


@asynccontextmanager
async def got(
    http: aiohttp.ClientSession, path: str, headers: Mapping[str, str] | None = None
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Comes again as it is told to: to whom asks while it stands still a service is away."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            async with http.get(path, headers=headers, allow_redirects=False) as answer:
                if answer.status != 503 or "Retry-After" not in answer.headers:
                    yield answer
                    return
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


async def upload(http: aiohttp.ClientSession, text: str, path: str = "/v1/requests") -> Any:
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(text.encode()), filename="products.csv", content_type="text/csv")
    async with http.post(path, data=form, allow_redirects=False) as answer:
        return answer.status, await answer.json(content_type=None)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family[0])
async def test_every_family_of_paths_goes_the_whole_way_through_one_address(
    http: aiohttp.ClientSession, client: Client, origin: Origin, family: tuple[str, int, str, str, str]
) -> None:
    """R25 R02"""
    path, accepted, id_key, status, download = family
    code, body = await upload(http, origin.csv(2), path)
    assert code == accepted
    await client.until_ended(body[id_key])
    async with got(http, status.format(body[id_key])) as answer:
        assert (answer.status, (await answer.json())["status"]) == (200, "completed")
    async with got(http, download.format(body[id_key])) as answer:
        assert (answer.status, answer.content_type) == (200, "text/csv")
    async with got(http, download.format(UNKNOWN)) as answer:
        assert (answer.status, (await answer.json(content_type=None))["error"]) == (
            404,
            "Output CSV not found",
        )


async def test_the_list_the_template_and_the_events_are_there_too(http: aiohttp.ClientSession) -> None:
    for path in ("/v1/requests", "/v1/events", "/v1/template.csv", "/v1/webhooks/secret"):
        async with got(http, path) as answer:
            assert answer.status == 200, path


@pytest.mark.parametrize("path", CLOSED)
async def test_what_is_internal_does_not_exist_outside(front: Gateway, path: str) -> None:
    """R20"""
    status, headers, body = await raw(
        front.url, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    assert status == 404
    assert b"pixmill_" not in body
    assert b"open_images" not in body
    assert b"problem+json" in headers or b"json" in headers


async def test_the_same_paths_do_exist_inside(client: Client) -> None:
    for path in ("/metrics", "/livez"):
        assert (await client.inside("status", path)).status == 200
    assert "ready" in (await client.inside("status", "/readyz")).body


async def raw(url: str, request: str) -> tuple[int, bytes, bytes]:
    """A request exactly as it stands: no client library tidies the path."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request.encode())
    answer = await asyncio.wait_for(reader.read(), DEADLINE_SECONDS)
    writer.close()
    await writer.wait_closed()
    headers, _, body = answer.partition(b"\r\n\r\n")
    return int(headers.split()[1]), headers, body


async def test_server_sent_events_come_when_they_happen(http: aiohttp.ClientSession, origin: Origin) -> None:
    origin.hold()
    _, body = await upload(http, origin.csv(1))
    async with got(http, f"/v1/requests/{body['request_id']}/events") as answer:
        assert answer.content_type == "text/event-stream"
        first = await answer.content.readuntil(b"\n\n")
        assert b"event: progress" in first
        assert b'"state":"completed"' not in first.replace(b'": "', b'":"')
        assert not answer.content.at_eof()
        origin.release()
        rest = await answer.content.read()
    assert b"event: request.completed" in rest


async def test_a_body_beyond_the_limit_is_413_and_a_problem(http: aiohttp.ClientSession) -> None:
    """R20: also to whom still sends it."""
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    opening = b'--b\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\n'
    body = io.BytesIO(opening + b"x" * (MAX_UPLOAD_BYTES + 1_000_000))
    async with http.post("/v1/requests", data=body, headers=headers) as answer:
        told = await answer.json(content_type=None)
        assert (answer.status, told["status"], bool(told["error"])) == (413, 413, True)
        assert answer.headers["Connection"] == "close"


async def test_no_call_is_sent_behind_an_upload_that_was_refused_before_its_end(
    http: aiohttp.ClientSession,
) -> None:
    """R20"""
    headers = {"Content-Type": "application/json"}
    async with http.post("/v1/requests", data=io.BytesIO(b"x" * 300_000), headers=headers) as answer:
        assert 400 <= answer.status < 500
        assert answer.headers["Connection"] == "close"
        assert (await answer.json(content_type=None))["error"]


async def test_answers_carry_safe_headers_and_do_not_tell_what_serves_them(
    http: aiohttp.ClientSession,
) -> None:
    async with got(http, "/v1/requests") as answer:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "Server" not in answer.headers


async def test_the_log_shows_neither_keys_nor_queries(http: aiohttp.ClientSession, front: Gateway) -> None:
    canary = uuid.uuid4().hex
    headers = {"X-API-Key": f"pxm_{canary}", "Authorization": f"Bearer {canary}", "Cookie": canary}
    path = f"/v1/requests/{UNKNOWN}"
    async with got(http, f"{path}?token={canary}", headers=headers) as answer:
        assert answer.status == 404
    await until(lambda: _holds(front.log, path))
    assert canary not in front.log.read_text()


async def _holds(log: Path, text: str) -> bool:
    return text in await asyncio.to_thread(log.read_text)


async def test_a_service_that_is_away_is_a_503_problem_that_says_when_to_come_back(tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    with gateway(tmp_path / "gateway", nobody, nobody) as lonely:
        async with aiohttp.ClientSession() as http, http.get(f"{lonely.url}/v1/requests") as answer:
            body = await answer.json(content_type=None)
    assert (answer.status, body["status"]) == (503, 503)
    assert answer.content_type == "application/problem+json"
    assert int(answer.headers["Retry-After"]) > 0


async def test_a_restarted_service_is_waited_for(http: aiohttp.ClientSession, stack: OwnStack) -> None:
    [pid] = stack.endpoints["pids"]["status"]
    os.kill(pid, signal.SIGKILL)

    async def answers() -> bool:
        async with http.get("/v1/requests") as answer:
            assert answer.status in (200, 502, 503)
            assert answer.status == 200 or answer.headers["Retry-After"]
            return answer.status == 200

    await until(answers)
