"""The fake server's paths: which one answers what."""

import email.parser
import email.policy
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from pixmill.testing import rendering
from pixmill.testing.connection import Connection
from pixmill.testing.workbook import workbook
from pixmill.testing.world import BadCsv, FakeRequest, FakeUpload, parsed

CSV = "text/csv; charset=utf-8"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ID = r"/v1/requests/(?P<id>[^/]+)"


class Handler(Connection):
    """One connection."""

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

    def _bad_csv(self, error: BadCsv) -> None:
        first = error.errors[0]
        sentence = f"Row {first['row']}: {first['code']}."
        more = {"errors": error.errors, "errors_total": len(error.errors)}
        self._problem(400, "invalid-csv", sentence, **more)


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
