"""The fake server's paths: which one answers what."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from pixmill.testing import rendering
from pixmill.testing.connection import Connection
from pixmill.testing.form import upload_of
from pixmill.testing.refusals import (
    IMAGE_STATES,
    NOTHING_TO_RETRY,
    REQUEST_STATES,
    Refused,
    conflict,
    first_ordinal,
    page_limit,
    require_options,
    require_retry,
    unknown_cursor,
)
from pixmill.testing.table import BadCsv
from pixmill.testing.workbook import workbook
from pixmill.testing.world import FakeRequest, FakeUpload

CSV = "text/csv; charset=utf-8"
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ID = r"/v1/requests/(?P<id>[^/]+)"


class Handler(Connection):
    """One connection."""

    def _route(self, path: str, body: bytes) -> None:
        try:
            self._answer(path, body)
        except Refused as refused:
            self._problem(refused.status, refused.kind, refused.error, **refused.more)
        except BadCsv as error:
            self._bad_csv(error)

    def _answer(self, path: str, body: bytes) -> None:
        there = [(each, found) for each in ROUTES if (found := re.fullmatch(each[1], path))]
        for (method, _, answer), found in there:
            if method == self.command:
                request = self.fake.world.requests.get(found.groupdict().get("id") or "")
                if "id" in found.groupdict() and request is None:
                    raise Refused(404, "not-found", "Request ID not found")
                answer(self, request, body)
                return
        if there:
            raise Refused(405, "method-not-allowed", "Method Not Allowed")
        raise Refused(404, "not-found", "Not Found")

    def upload(self, _: FakeRequest | None, body: bytes) -> None:
        request = self.fake.world.accept(self._upload(body))
        self._json(202, rendering.accepted(request, self.fake.url))

    def validate(self, _: FakeRequest | None, body: bytes) -> None:
        form = self._upload(body)
        require_options(form.fields, self.fake.world.allow_hosts)
        try:
            table = form.table()
        except BadCsv as error:
            if "text/csv" not in self.headers.get("accept", ""):
                raise
            self._send(400, rendering.marked_csv(form.content, error.errors), CSV)
            return
        self._json(200, rendering.judged(table))

    def status(self, request: FakeRequest, _: bytes) -> None:
        self._json(200, rendering.status(request, self.fake.url))

    def every(self, _: FakeRequest | None, __: bytes) -> None:
        limit = page_limit(self.query, REQUEST_STATES, default=50)
        before = self.query.get("cursor")
        if before and not re.fullmatch("[0-9]{1,12}", before):
            raise unknown_cursor()
        every = [
            each
            for each in reversed(self.fake.world.requests.values())
            if self.query.get("state") in (None, each.state) and (not before or each.number < int(before))
        ]
        shown = [rendering.status(each, self.fake.url) for each in every[:limit]]
        self._page(shown, str(every[limit - 1].number) if len(every) > limit else None)

    def images(self, request: FakeRequest, _: bytes) -> None:
        limit, first = page_limit(self.query, IMAGE_STATES), first_ordinal(self.query)
        every = [
            each
            for each in request.images()
            if self.query.get("state") in (None, each["state"]) and each["ordinal"] >= first
        ]
        shown = [rendering.image(each, self.fake.url) for each in every[:limit]]
        self._page(shown, str(every[limit]["ordinal"]) if len(every) > limit else None)

    def products(self, request: FakeRequest, _: bytes) -> None:
        self._json(200, {"requestId": request.id, "products": rendering.products(request, self.fake.url)})

    def table(self, request: FakeRequest, _: bytes) -> None:
        name = urlsplit(self.path).path.rpartition("/")[2]
        if rendering.status(request, self.fake.url)["completed_at"] is None:
            raise Refused(404, "not-found", "Output CSV not found")
        if name == "failed.csv":
            self._send(200, rendering.csv_of(rendering.failed_rows(request)), CSV)
        elif name == "output.xlsx":
            self._send(200, workbook(rendering.output_rows(request, self.fake.url)), WORKBOOK)
        else:
            self._send(200, rendering.csv_of(rendering.output_rows(request, self.fake.url)), CSV)

    def file(self, request: FakeRequest, _: bytes) -> None:
        url = request.url_of(urlsplit(self.path).path)
        if url is None:
            raise Refused(404, "not-found", "File not found")
        content = request.content(url)
        if url in self.fake.world.damaged:
            content = content[::-1]
        begin = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        if begin and int(begin[1]) < len(content):
            self._send(206, content[int(begin[1]) :], "image/jpeg")
        elif begin:
            error = f"The file has {len(content)} bytes; the range lies behind its end."
            raise Refused(416, "range-not-satisfiable", error)
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
        limit = page_limit(self.query)
        after = self.query.get("after") or "0"
        if not re.fullmatch("[0-9]{1,19}", after):
            raise unknown_cursor()
        items = [
            {
                "id": str(number),
                "type": "request.completed",
                "data": rendering.completion(each, self.fake.url),
            }
            for number, each in enumerate(ended, start=1)
            if number > int(after)
        ][:limit]
        self._json(200, {"items": items, "next": items[-1]["id"] if items else None})

    def retry(self, request: FakeRequest, _: bytes) -> None:
        images = list(request.images())
        failed = sorted({each["code"] for each in images if each["code"]})
        codes = set(self.queries.get("code", ()))
        all_had_turns = not any(each["state"] == "cancelled" for each in images)
        if request.state != "processing":
            require_retry(codes, failed, all_had_turns=all_had_turns)
            request.run += 1
            self.fake.world.run(request, codes)
        elif request.run == 1:
            raise conflict(NOTHING_TO_RETRY)
        self._json(202, rendering.status(request, self.fake.url))

    def cancel(self, request: FakeRequest, _: bytes) -> None:
        if request.state not in ("processing", "cancelled"):
            raise conflict("It has ended already.")
        with self.fake.changed:
            request.state = "cancelled"
            self.fake.changed.notify_all()
        self._json(202, rendering.status(request, self.fake.url))

    def delete(self, request: FakeRequest, _: bytes) -> None:
        del self.fake.world.requests[request.id]
        self._json(202, {"request_id": request.id, "state": "deleted"})

    def deliveries(self, _: FakeRequest | None, __: bytes) -> None:
        page_limit(self.query)
        self._page([])

    def redeliver(self, request: FakeRequest, _: bytes) -> None:
        if request.state == "processing" or not request.upload.fields.get("webhook_url"):
            raise conflict("There is no webhook delivery that still could be made.")
        self._json(202, rendering.status(request, self.fake.url))

    def document(self, _: FakeRequest | None, __: bytes) -> None:
        information = {"title": "Pixmill", "version": self.fake.version}
        self._json(200, {"openapi": "3.1.0", "info": information, "paths": {}})

    def secret(self, _: FakeRequest | None, __: bytes) -> None:
        self._json(200, {"secret": self.fake.webhook_secret})

    def _upload(self, body: bytes) -> FakeUpload:
        return upload_of(self.headers.get("content-type", ""), body, self.headers.get("idempotency-key"))

    def _bad_csv(self, error: BadCsv) -> None:
        first = error.errors[0]
        sentence = f"Row {first['row']}: {first['code']}." if first["row"] else first["hint"]
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
    ("POST", f"{_ID}/deliveries/redeliver", Handler.redeliver),
    ("POST", f"{_ID}/retry", Handler.retry),
    ("POST", f"{_ID}/cancel", Handler.cancel),
    ("GET", "/api/status/(?P<id>[^/]+)", Handler.products),
    ("GET", "/v1/files/requests/(?P<id>[^/]+)/output/[^/]+", Handler.file),
)
