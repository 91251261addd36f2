"""A body that cannot be read is told by the gateway as the sender's fault, not as a service that is away."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from urllib.parse import urlsplit

import pytest

from deploy.local.servers.gateway import Gateway
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


class Silent(StreamRequestHandler):
    """Reads what comes, and answers nothing: whatever is answered is of the gateway."""

    def handle(self) -> None:
        while self.rfile.read1():
            pass


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder: Path = tmp_path_factory.mktemp("gateway-bodies")
    with ThreadingTCPServer(("127.0.0.1", 0), Silent) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        with gateway(folder, url, url) as running:
            yield running
        server.shutdown()
        thread.join()


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
