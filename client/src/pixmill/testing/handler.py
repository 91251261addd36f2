"""The fake server's HTTP: which path answers what."""

import email.parser
import email.policy
import re
import socket
import struct
import sys
import threading
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlsplit

from pixmill.testing import rendering
from pixmill.testing.workbook import workbook
from pixmill.testing.world import BadCsv, FakeRequest, FakeUpload, parsed

if TYPE_CHECKING:
    from pixmill.testing.fake import FakePixmill

Json = dict[str, Any]
JSON, PROBLEM, CSV = "application/json", "application/problem+json", "text/csv; charset=utf-8"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ID = r"/v1/requests/(?P<id>[^/]+)"
_LOCK = threading.Lock()


class FakeServer(ThreadingHTTPServer):
    daemon_threads = True
    fake: "FakePixmill"  # whom its handlers ask

    def server_bind(self) -> None:
        """Without asking the network for this machine's name, which can take long."""
        TCPServer.server_bind(self)
        self.server_port = int(self.server_address[1])

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up once it knows enough is no error to be told in its tests."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    cut_after: int | None = None

    def log_message(self, *_: Any) -> None:
        pass

    @property
    def fake(self) -> "FakePixmill":
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
            self._problem(401, "unauthorized", "This call needs a valid API key.")
        else:
            self._route(parts.path, body)

    def _is_let_in(self, path: str) -> bool:
        """The document says nothing of anybody."""
        key = self.fake.api_key
        return key is None or self.headers.get("x-api-key") == key or path == "/openapi.json"

    def _route(self, path: str, body: bytes) -> None:
        for method, pattern, answer in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == self.command:
                request = self.fake.world.requests.get(found.groupdict().get("id") or "")
                if "id" in found.groupdict() and request is None:
                    self._problem(404, "not-found", "Request ID not found")
                else:
                    answer(self, request, body)
                return
        self._problem(404, "not-found", "Not Found")

    def upload(self, _: FakeRequest | None, body: bytes) -> None:
        try:
            request = self.fake.world.accept(self._form(body))
        except BadCsv as error:
            self._bad_csv(error)
        else:
            self._json(202, rendering.accepted(request, self.fake.url))

    def validate(self, _: FakeRequest | None, body: bytes) -> None:
        form = self._form(body)
        try:
            rows, products = parsed(form.content)[1:]
        except BadCsv as error:
            if "text/csv" in self.headers.get("accept", ""):
                self._send(400, rendering.marked_csv(form.content, error.errors), CSV)
            else:
                self._bad_csv(error)
            return
        images = sum(len(urls) for _, _, urls in products)
        counts = {"products": len(rows), "images": images, "skipped_rows": 0}
        self._json(200, {"valid": True, "counts": counts, "warnings": [], "errors": [], "errors_total": 0})

    def status(self, request: FakeRequest, _: bytes) -> None:
        self._json(200, rendering.status(request, self.fake.url))

    def every(self, _: FakeRequest | None, __: bytes) -> None:
        every = reversed(self.fake.world.requests.values())
        shown = [each for each in every if self.query.get("state") in (None, each.state)]
        self._page([rendering.status(each, self.fake.url) for each in shown])

    def images(self, request: FakeRequest, _: bytes) -> None:
        shown = [each for each in request.images() if self.query.get("state") in (None, each["state"])]
        self._page([rendering.image(each, self.fake.url) for each in shown])

    def products(self, request: FakeRequest, _: bytes) -> None:
        self._json(200, {"requestId": request.id, "products": rendering.products(request, self.fake.url)})

    def table(self, request: FakeRequest, _: bytes) -> None:
        name = urlsplit(self.path).path.rpartition("/")[2]
        if rendering.status(request, self.fake.url)["completed_at"] is None:
            self._problem(404, "not-found", "Output CSV not found")
        elif name == "failed.csv":
            self._send(200, rendering.csv_of(rendering.failed_rows(request)), CSV)
        elif name == "output.xlsx":
            self._send(200, workbook(rendering.output_rows(request, self.fake.url)), WORKBOOK)
        else:
            self._send(200, rendering.csv_of(rendering.output_rows(request, self.fake.url)), CSV)

    def file(self, request: FakeRequest, _: bytes) -> None:
        url = request.url_of(urlsplit(self.path).path)
        if url is None:
            self._problem(404, "not-found", "Not Found")
            return
        content = request.content(url)
        if url in self.fake.world.damaged:
            content = content[::-1]
        begin = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        if begin and int(begin[1]) < len(content):
            self._send(206, content[int(begin[1]) :], "image/jpeg")
        elif begin:
            self._problem(416, "range-not-satisfiable", "The file is shorter.")
        else:
            self._send(200, content, "image/jpeg")

    def events(self, request: FakeRequest, _: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self._event("progress", rendering.status(request, self.fake.url))
        if self.cut_after is not None:
            self._cut()
            return
        with self.fake.changed:
            self.fake.changed.wait_for(lambda: request.state != "processing" or self.fake.closing)
        self._event("progress", rendering.status(request, self.fake.url))
        self._event("request.completed", rendering.completion(request, self.fake.url))

    def feed(self, _: FakeRequest | None, __: bytes) -> None:
        ended = [each for each in self.fake.world.requests.values() if each.state != "processing"]
        after = int(self.query.get("after", "0"))
        items = [
            {
                "id": str(number),
                "type": "request.completed",
                "data": rendering.completion(each, self.fake.url),
            }
            for number, each in enumerate(ended, start=1)
            if number > after
        ]
        self._json(200, {"items": items, "next": items[-1]["id"] if items else None})

    def retry(self, request: FakeRequest, _: bytes) -> None:
        there = {each["code"] for each in request.images() if each["state"] in ("failed", "cancelled")}
        codes = set(self.queries.get("code", ()))
        if not there or codes - there:
            self._problem(409, "nothing-to-retry", "No image failed with that.")
            return
        request.run += 1
        self.fake.world.run(request, codes)
        self._json(202, rendering.status(request, self.fake.url))

    def cancel(self, request: FakeRequest, _: bytes) -> None:
        if request.state not in ("processing", "cancelled"):
            self._problem(409, "already-ended", "The request has already ended.")
            return
        with self.fake.changed:
            request.state = "cancelled"
            self.fake.changed.notify_all()
        self._json(202, rendering.status(request, self.fake.url))

    def delete(self, request: FakeRequest, _: bytes) -> None:
        del self.fake.world.requests[request.id]
        self._json(202, rendering.status(request, self.fake.url))

    def deliveries(self, _: FakeRequest | None, __: bytes) -> None:
        self._page([])

    def document(self, _: FakeRequest | None, __: bytes) -> None:
        information = {"title": "Pixmill", "version": self.fake.version}
        self._json(200, {"openapi": "3.1.0", "info": information, "paths": {}})

    def secret(self, _: FakeRequest | None, __: bytes) -> None:
        self._json(200, {"secret": self.fake.webhook_secret})

    def _form(self, body: bytes) -> FakeUpload:
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
        parts: dict[str, Any] = {
            str(part.get_param("name", header="content-disposition")): part for part in message.iter_parts()
        }
        file = parts.pop("file")
        return FakeUpload(
            filename=file.get_filename() or "",
            content=bytes(file.get_payload(decode=True)),
            fields={name: part.get_payload(decode=True).decode() for name, part in parts.items()},
            idempotency_key=self.headers.get("idempotency-key"),
        )

    def _event(self, name: str, data: Json) -> None:
        self.wfile.write(f"event: {name}\nid: 1\ndata: ".encode() + rendering.compact(data) + b"\n\n")
        self.wfile.flush()

    def _page(self, items: list[Json]) -> None:
        self._json(200, {"items": items, "next": None})

    def _bad_csv(self, error: BadCsv) -> None:
        first = error.errors[0]
        sentence = f"Row {first['row']}: {first['code']}."
        more = {"errors": error.errors, "errors_total": len(error.errors)}
        self._problem(400, "invalid-csv", sentence, **more)

    def _refuse(self, status: int, error: str, retry_after: str | None) -> None:
        body = rendering.compact({"type": "/problems/told-to", "status": status, "error": error})
        self._send(status, body, PROBLEM, {"Retry-After": retry_after} if retry_after else {})

    def _problem(self, status: int, kind: str, error: str, **more: Any) -> None:
        problem = {
            "type": f"/problems/{kind}",
            "title": kind,
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


Route = Callable[[Handler, Any, bytes], None]
ROUTES: "tuple[tuple[str, str, Route], ...]" = (
    ("POST", "/v1/requests", Handler.upload),
    ("GET", "/v1/requests", Handler.every),
    ("POST", "/v1/validate", Handler.validate),
    ("GET", "/openapi.json", Handler.document),
    ("GET", "/v1/events", Handler.feed),
    ("GET", "/v1/webhooks/secret", Handler.secret),
    ("GET", _ID, Handler.status),
    ("DELETE", _ID, Handler.delete),
    ("GET", f"{_ID}/images", Handler.images),
    ("GET", f"{_ID}/events", Handler.events),
    ("GET", f"{_ID}/deliveries", Handler.deliveries),
    ("GET", rf"{_ID}/(?:output\.csv|output\.xlsx|failed\.csv)", Handler.table),
    ("POST", f"{_ID}/retry", Handler.retry),
    ("POST", f"{_ID}/cancel", Handler.cancel),
    ("GET", "/api/status/(?P<id>[^/]+)", Handler.products),
    ("GET", "/v1/files/requests/(?P<id>[^/]+)/output/[^/]+", Handler.file),
)
