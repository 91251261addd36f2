"""The fake server's connections: what goes wrong with one when it is told to, and how an answer goes out. No
path is known here.
"""

import socket
import struct
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from pixmill.testing import rendering
from pixmill.testing.state import FakeState

Json = dict[str, Any]
_TITLES = {
    "invalid-csv": "Invalid CSV",
    "invalid-idempotency-key": "Invalid Idempotency-Key",
    "idempotency-key-reused": "Idempotency-Key Reused",
    "not-a-form": "Unsupported Media Type",
}
JSON, PROBLEM = "application/json", "application/problem+json"
_LOCK = threading.Lock()


class FakeServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256  # who connects beside more than these waits a second and longer for the kernel
    fake: FakeState  # whom its handlers ask

    def server_bind(self) -> None:
        """Without asking the network for this machine's name, which can take long."""
        TCPServer.server_bind(self)
        self.server_port = int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up once it knows enough is no error to be told in its tests."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Connection(BaseHTTPRequestHandler):
    """Whoever inherits from it routes."""

    protocol_version = "HTTP/1.1"
    cut_after: int | None = None

    def log_message(self, *_: Any) -> None:
        pass

    @property
    def fake(self) -> FakeState:
        return cast("FakeServer", self.server).fake

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_DELETE(self) -> None:
        self._serve()

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = urlsplit(self.path)
        self.queries = parse_qs(parts.query)
        self.query = {name: values[0] for name, values in self.queries.items()}
        with _LOCK:
            self.fake.calls.append(f"{self.command} {parts.path}")
            trouble = self.fake.troubles.popleft() if self.fake.troubles else None
        self.cut_after = trouble[1] if trouble and trouble[0] == "cut" else None
        if trouble and trouble[0] == "hang":
            self.fake.hanging.wait()
        if trouble and trouble[0] == "refuse":
            self._refuse(*trouble[1])
        elif not self._is_let_in(parts.path):
            self._problem(
                401, "unauthorized", "A valid API key is needed, in X-API-Key or as a Bearer token."
            )
        else:
            self._route(parts.path, body)

    def _is_let_in(self, path: str) -> bool:
        """The document says nothing of anybody."""
        key = self.fake.api_key
        given = (self.headers.get("x-api-key"), self.headers.get("authorization"))
        return path == "/openapi.json" or key is None or given[0] == key or given[1] == f"Bearer {key}"

    def _route(self, path: str, body: bytes) -> None:
        raise NotImplementedError

    def _event(self, name: str, data: Json) -> None:
        self.wfile.write(f"event: {name}\nid: 1\ndata: ".encode() + rendering.compact(data) + b"\n\n")
        self.wfile.flush()

    def _page(self, items: list[Json], following: str | None = None) -> None:
        self._json(200, {"items": items, "next": following})

    def _refuse(self, status: int, error: str, retry_after: str | None) -> None:
        body = rendering.compact({"type": "/problems/told-to", "status": status, "error": error})
        self._send(status, body, PROBLEM, {"Retry-After": retry_after} if retry_after else {})

    def _problem(self, status: int, kind: str, error: str, **more: Any) -> None:
        problem = {
            "type": f"/problems/{kind}",
            "title": _TITLES.get(kind, kind.replace("-", " ").title()),
            "status": status,
            "detail": error,
            "error": error,
        }
        self._send(status, rendering.compact({**problem, **more, "x_request_id": str(uuid.uuid4())}), PROBLEM)

    def _json(self, status: int, content: Json) -> None:
        self._send(status, rendering.compact(content), JSON)

    def _send(self, status: int, body: bytes, kind: str, headers: "dict[str, str] | None" = None) -> None:
        if self.cut_after == 0:
            self._cut()
            return
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(body)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: self.cut_after])
        if self.cut_after is not None:
            self._cut()

    def _cut(self) -> None:
        """Ends the connection by a reset, as a server that dies does."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
