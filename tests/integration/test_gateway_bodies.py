"""A body that cannot be read is told by the gateway as the sender's fault, not as a service that is away."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import BaseRequestHandler, StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest

from deploy.local.servers.gateway import CADDYFILE, Gateway
from tests.system.gateway import gateway
from tests.worlds.patience import DEADLINE_SECONDS

MALFORMED = {
    "a length that is none": b"zz\r\nabc\r\n",
    "no length": b"\r\nabc\r\n",
    "a length beyond all": b"f" * 20 + b"\r\nabc\r\n",
    "a line without an end": b"3;" + b"a" * 10_000 + b"\r\nabc\r\n",
    "more than its length": b"3\r\nabcdef\r\n",
    "ends of another kind": b"3\nabc\n0\n\n",
    "hardly any of the body": b"1;" + b"a" * 3000 + b"\r\na\r\n" + b"1;" * 20_000,
    "a trailer that is none": b"0\r\ntrailer\r\n\r\n",
    "a trailer of any size": b"0\r\na: " + b"a" * 9000 + b"\r\n\r\n",
}

BODY = b"x" * 300_000


class Hanging(StreamRequestHandler):
    def handle(self) -> None:
        while self.rfile.read1():
            pass


class Silent(StreamRequestHandler):
    """Is alive, and answers nothing else: whatever is answered is of the gateway."""

    def handle(self) -> None:
        while said := self.rfile.read1():
            if said.startswith(b"HEAD /livez "):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


class Taking(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked_from: ClassVar = set[Any]()  # by connections from these whether it is alive

    def do_HEAD(self) -> None:
        self.asked_from.add(self.client_address)
        self._answer(200)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(202 if body == BODY else 400)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@contextmanager
def service(kind: type[BaseRequestHandler]) -> Iterator[str]:
    with ThreadingTCPServer(("127.0.0.1", 0), kind) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway-bodies")
    with service(Silent) as address, gateway(folder, f"http://{address}", f"http://{address}") as running:
        yield running


@pytest.mark.parametrize("path", ["/v1/requests", "/v1/requests/id/retry"])
@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_body_is_a_bad_request(front: Gateway, path: str, body: bytes) -> None:
    """R20"""
    connection = HTTPConnection(urlsplit(front.url).netloc, timeout=DEADLINE_SECONDS)
    try:
        connection.putrequest("POST", path)
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders(body)
        answer = connection.getresponse()
        told = json.loads(answer.read())
    finally:
        connection.close()
    assert (answer.status, answer.headers["Content-Type"]) == (400, "application/problem+json")
    assert (told["type"], told["status"]) == ("/problems/invalid-request", 400)
    assert "Retry-After" not in answer.headers


def test_an_upload_is_taken_by_one_ingest_while_another_is_away(tmp_path: Path) -> None:
    """Half of the uploads were refused for as long as one of two was restarted: a body is sent only once."""
    with (
        service(Taking) as address,
        gateway(tmp_path, f"http://127.0.0.1:1 {address}", f"http://{address}") as it,
    ):
        assert [_uploaded(it) for _ in range(20)] == [202] * 20


def test_uploads_ask_whether_ingest_is_alive_by_one_connection(tmp_path: Path) -> None:
    """Each held one of its own up to its end, beside the one that its body went by. On a machine that stands
    still for as long as the gateway keeps one that is quiet, it takes another.
    """
    uploads = 20
    Taking.asked_from.clear()
    with service(Taking) as address, gateway(tmp_path, f"http://{address}", f"http://{address}") as it:
        assert [_uploaded(it) for _ in range(uploads)] == [202] * uploads
    assert len(Taking.asked_from) < uploads // 2


def test_an_ingest_that_hangs_is_told_as_one_that_is_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An upload waited for it without end."""
    ours = tmp_path / "Caddyfile"
    text, patience = CADDYFILE.read_text(), "response_header_timeout 15s"
    assert patience in text
    ours.write_text(text.replace(patience, "response_header_timeout 10ms"))
    monkeypatch.setattr("deploy.local.servers.gateway.CADDYFILE", ours)
    with service(Hanging) as address, gateway(tmp_path, f"http://{address}", f"http://{address}") as it:
        assert _uploaded(it) == 503


def test_a_body_beyond_the_limit_of_what_only_status_takes_is_413_and_a_problem(front: Gateway) -> None:
    """R20: of a service that does not wait for the body either answer may come first."""
    connection = HTTPConnection(urlsplit(front.url).netloc, timeout=DEADLINE_SECONDS)
    try:
        connection.request("POST", "/v1/requests/id/cancel", body=b"x" * 100_000)
        answer = connection.getresponse()
        told = json.loads(answer.read())
    finally:
        connection.close()
    assert (answer.status, told["status"], bool(told["error"])) == (413, 413, True)
    assert answer.headers["Connection"] == "close"


def _uploaded(front: Gateway) -> int:
    connection = HTTPConnection(urlsplit(front.url).netloc, timeout=DEADLINE_SECONDS)
    try:
        connection.request("POST", "/v1/requests", body=BODY)
        return connection.getresponse().status
    finally:
        connection.close()
