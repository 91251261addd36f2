"""What the fake server knows: uploads, and requests made of them. It knows no HTTP."""

import csv
import io
import json
import re
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

from pixmill.testing.codes import hint_of
from pixmill.testing.refusals import Refused, require_key, require_options

Json = dict[str, Any]

COLUMNS = ("S. No.", "Product Name", "Input Image Urls")
_SPELLINGS = (
    {"sno", "serialnumber", "serial", "id"},
    {"productname", "name", "title", "product"},
    {"inputimageurls", "imageurls", "imageurl", "images", "image"},
)
_BEGINS = datetime(2026, 1, 1, tzinfo=timezone.utc)
_BYTES_IN, _ENDED = 1000, {"completed", "failed", "cancelled"}


class BadCsv(Exception):  # noqa: N818 - an answer, not a failure
    """With the problem's `errors`."""

    def __init__(self, errors: Sequence[Json]) -> None:
        super().__init__("bad CSV")
        self.errors = errors


@dataclass(frozen=True)
class FakeUpload:
    """One upload that came, accepted or not."""

    filename: str
    content: bytes
    fields: Mapping[str, str]
    idempotency_key: str | None


@dataclass
class FakeRequest:
    """A request and what became of its images."""

    id: str
    number: int
    upload: FakeUpload
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    products: Sequence[tuple[str, str, Sequence[str]]]  # serial number, name, addresses
    failing: Mapping[str, str]
    state: str = "processing"
    run: int = 1

    def images(self) -> Iterator[Json]:
        ordinal = 0
        for place, (_, _, urls) in enumerate(self.products):
            for url in urls:
                yield self._image(url, place, ordinal)
                ordinal += 1

    def content(self, url: str) -> bytes:
        return f"smaller {url}".encode() * 3

    def product_id(self, place: int) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.id}/product/{place}"))

    def url_of(self, path: str) -> str | None:
        """Of which image this is the output."""
        return next((str(each["input_url"]) for each in self.images() if each["path"] == path), None)

    def _image(self, url: str, place: int, ordinal: int) -> Json:
        code = self.failing.get(url)
        state = "planned" if self.state not in _ENDED else "failed" if code else "done"
        state = "cancelled" if self.state == "cancelled" else state
        content = self.content(url)
        name = f"{ordinal}-{sha256(content).hexdigest()[:32]}.jpg"
        done = state == "done"
        return {
            "id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.id}/{ordinal}")),
            "product_id": self.product_id(place),
            "ordinal": ordinal,
            "state": state,
            "input_url": url,
            "path": f"/v1/files/requests/{self.id}/output/{name}" if done else None,
            "code": code if state == "failed" else None,
            "hint": hint_of(code) if state == "failed" and code else None,
            "bytes_in": _BYTES_IN if done else None,
            "bytes_out": len(content) if done else None,
        }


@dataclass
class World:
    """All of it. `failing` are codes by image address."""

    failing: dict[str, str] = field(default_factory=dict)
    damaged: set[str] = field(default_factory=set)
    uploads: list[FakeUpload] = field(default_factory=list)
    requests: dict[str, FakeRequest] = field(default_factory=dict)
    held: bool = False
    allow_hosts: Sequence[str] = ()
    _keys: dict[str, FakeRequest] = field(default_factory=dict)

    def accept(self, upload: FakeUpload) -> FakeRequest:
        self.uploads.append(upload)
        require_key(upload.idempotency_key)
        require_options(upload.fields, self.allow_hosts)
        if before := self._keys.get(upload.idempotency_key or ""):
            _require_same(before.upload, upload)
            return before
        columns, rows, products = parsed(upload.content)
        number = len(self.requests)
        made = FakeRequest(
            id=f"01900000-0000-7000-8000-{number:012d}",
            number=number,
            upload=upload,
            columns=columns,
            rows=rows,
            products=products,
            failing={},
        )
        self.run(made)
        self.requests[made.id] = made
        if upload.idempotency_key:
            self._keys[upload.idempotency_key] = made
        return made

    def run(self, request: FakeRequest, codes: Collection[str] = ()) -> None:
        """To its end, unless it is held. With codes, what failed with another one stays as it is."""
        standing = {url: code for url, code in request.failing.items() if codes and code not in codes}
        request.failing = {**self.failing, **standing}
        urls = [url for _, _, urls in request.products for url in urls]
        end = "failed" if all(url in request.failing for url in urls) else "completed"
        request.state = "processing" if self.held else end

    def release(self) -> None:
        self.held = False
        for request in self.requests.values():
            if request.state == "processing":
                self.run(request)


def _require_same(before: FakeUpload, now: FakeUpload) -> None:
    if (before.content, before.fields) != (now.content, now.fields):
        error = "This Idempotency-Key was used with another file or other form values."
        raise Refused(422, "idempotency-key-reused", error)


def parsed(content: bytes) -> tuple[Sequence[str], list[list[str]], list[tuple[str, str, Sequence[str]]]]:
    """Only plain CSVs: the real server understands far more. Raises BadCsv."""
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig", "replace"), newline="")))
    columns = lines[0] if lines else []
    places = [_place(columns, spellings) for spellings in _SPELLINGS]
    missing = [name for name, place in zip(COLUMNS, places) if place is None]  # noqa: B905
    if missing:
        raise BadCsv([_error(1, name, None, "missing_column", "Add it.") for name in missing])
    serial, name, urls = (int(place or 0) for place in places)
    rows = [row for row in lines[1:] if row]
    products: list[tuple[str, str, Sequence[str]]] = []
    errors: list[Json] = []
    for number, row in enumerate(rows, start=2):
        addresses = _addresses(row[urls] if len(row) > urls else "")
        wrong = [each for each in addresses if not re.match(r"https?://.", each)]
        errors += [
            _error(number, COLUMNS[2], each, "invalid_url", "Begin it with https://.") for each in wrong
        ]
        products.append((row[serial], row[name], addresses))
    if errors:
        raise BadCsv(errors)
    return columns, rows, products


def moment(number: int, seconds: int = 0) -> str:
    return (_BEGINS + timedelta(minutes=number, seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _place(columns: Sequence[str], spellings: set[str]) -> int | None:
    plain = [re.sub(r"[^a-z]", "", name.lower()) for name in columns]
    return next((place for place, name in enumerate(plain) if name in spellings), None)


def _addresses(cell: str) -> list[str]:
    if cell.startswith("["):
        return [str(each) for each in json.loads(cell)]
    return [each for each in re.split(r"[\s,;|]+(?=\w+://)|\s+", cell.strip()) if each]


def _error(row: int, column: str, value: str | None, code: str, hint: str) -> Json:
    return {"row": row, "column": column, "value": value, "code": code, "hint": hint}
