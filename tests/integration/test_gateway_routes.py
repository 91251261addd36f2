"""R25: every route of ingest and of status is reached through the gateway, and no other of their paths."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import MappingProxyType
from typing import Any
from unittest.mock import MagicMock
from urllib.parse import urlsplit

import pytest
from fastapi.routing import iter_route_contexts

from deploy.local.servers.gateway import Gateway
from services.ingest.api.app import create_app
from services.status.api.app import make_app
from shared.observing.health import Health
from shared.web.auth import OpenDoor
from tests.system.gateway import gateway
from tests.worlds.patience import DEADLINE_SECONDS

CLOSED = {"/livez", "/readyz", "/startedz", "/metrics", "/openapi/whole.json"}
OF_BOTH = "/problems/"  # the same pages, so status's alone stand outside
OF_THE_WHOLE = {"/openapi.json": "/openapi/whole.json"}  # outside it is no service's own part


def routes() -> Iterator[tuple[str, str, str]]:
    """Which service, method and path there are, as the services themselves say."""
    anything: Any = MagicMock(authenticator=OpenDoor(), health=Health(), public_url="", cors_origins=())
    apps = {"ingest": create_app(anything), "status": make_app(anything, Health())}
    for service, app in apps.items():
        for route in iter_route_contexts(app.routes):
            if service == "ingest" and str(route.path).startswith(OF_BOTH):
                continue
            for method in sorted(route.methods or ()):
                yield service, method, str(route.path)


@contextmanager
def echo(name: str) -> Iterator[str]:
    """A service that says its name and what it was asked for."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.send_response(200)
            self.send_header("X-Served-By", name)
            self.send_header("X-Path", self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_HEAD = do_POST = do_DELETE = do_OPTIONS = answer  # noqa: N815 - the library's names

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder: Path = tmp_path_factory.mktemp("gateway-routes")
    with ExitStack() as parts:
        ingest, status = (parts.enter_context(echo(name)) for name in ("ingest", "status"))
        yield parts.enter_context(gateway(folder, ingest, status))


def asked(
    front: Gateway, method: str, path: str, headers: Mapping[str, str] = MappingProxyType({})
) -> tuple[int, str | None, str | None]:
    connection = HTTPConnection(urlsplit(front.url).netloc, timeout=DEADLINE_SECONDS)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers.get("X-Served-By"), answer.headers.get("X-Path")
    finally:
        connection.close()


def test_there_are_routes_of_both() -> None:
    assert {service for service, _, _ in routes()} == {"ingest", "status"}
    assert len(list(routes())) > 20


@pytest.mark.parametrize(("service", "method", "path"), list(routes()))
def test_a_route_is_reached_where_it_is_served_or_not_at_all(
    front: Gateway, service: str, method: str, path: str
) -> None:
    """R25 R20"""
    concrete = re.sub(r"\{[^}]+\}", "0193", path)
    answer = asked(front, method, concrete)
    if whole := OF_THE_WHOLE.get(path):
        assert answer == (200, "status", whole)
    else:
        assert answer == ((404, None, None) if path in CLOSED else (200, service, concrete))


def test_what_a_browser_asks_before_an_upload_reaches_ingest(front: Gateway) -> None:
    headers = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    assert asked(front, "OPTIONS", "/v1/requests", headers) == (200, "ingest", "/v1/requests")
