"""What the fake server knows: uploads, and requests made of them. It knows no HTTP."""

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from typing import Any

from pixmill.testing.codes import hint_of
from pixmill.testing.columns import said_columns
from pixmill.testing.refusals import Refused, require_key, require_options
from pixmill.testing.table import Table, parsed

Json = dict[str, Any]

_BEGINS = datetime(2026, 1, 1, tzinfo=timezone.utc)
_BYTES_IN, _ENDED = 1000, {"completed", "failed", "cancelled"}


@dataclass(frozen=True)
class FakeUpload:
    """One upload that came, accepted or not."""

    filename: str
    content: bytes
    fields: Mapping[str, str]
    idempotency_key: str | None

    def table(self) -> Table:
        """Raises BadCsv, or Refused for a field `columns` that cannot be understood."""
        said = said_columns(self.fields.get("columns", "").strip())
        skips = self.fields.get("on_invalid", "").strip().lower() == "skip"
        return parsed(self.content, said, skips=skips)


@dataclass
class FakeRequest:
    """A request and what became of its images."""

    id: str
    number: int
    upload: FakeUpload
    table: Table
    failing: Mapping[str, str]
    state: str = "processing"
    run: int = 1

    def images(self) -> Iterator[Json]:
        ordinal = 0
        for place, (_, _, urls) in enumerate(self.table.products):
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
            "last_code": code if state == "planned" else None,
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
    _accepted: int = 0
    _keys: dict[str, FakeRequest] = field(default_factory=dict)

    def accept(self, upload: FakeUpload) -> FakeRequest:
        self.uploads.append(upload)
        require_key(upload.idempotency_key)
        require_options(upload.fields, self.allow_hosts)
        if before := self._keys.get(upload.idempotency_key or ""):
            _require_same(before.upload, upload)
            return before
        table, number = upload.table(), self._accepted
        self._accepted += 1  # also after one was deleted, so that no two have one id
        made = FakeRequest(
            id=f"01900000-0000-7000-8000-{number:012d}",
            number=number,
            upload=upload,
            table=table,
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
        urls = [url for _, _, urls in request.table.products for url in urls]
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


def moment(number: int, seconds: int = 0) -> str:
    return (_BEGINS + timedelta(minutes=number, seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
