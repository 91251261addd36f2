"""What a run left behind, as the promises read it: plain values (pure). Ids are texts."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from chaos.live.journal import MARK_HEADER, UNKNOWN, Answered, History, Posted, Sent, Struck, Upload, Wished

Row = Mapping[str, Any]
Run = tuple[str, int]  # a request's id and the run's number

ENDED = frozenset({"completed", "failed", "cancelled"})
MAY_HAVE_BEEN_DONE = frozenset({UNKNOWN, *range(200, 300), *range(500, 600)})


@dataclass(frozen=True, slots=True)
class StoredFile:
    sha256: str
    picture: tuple[str, int, int] | None = None  # format, width, height: None where it does not decode
    text: str | None = None  # of a CSV


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    topic: str
    partition: int
    offset: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]

    @property
    def place(self) -> tuple[str, int, int]:
        return self.topic, self.partition, self.offset

    @property
    def mark(self) -> str | None:
        """Of poison, also where it was put aside."""
        return self.header(MARK_HEADER)

    def header(self, name: str) -> str | None:
        found = next((value for each, value in self.headers if each == name), None)
        return None if found is None else found.decode(errors="replace")


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    history: History
    requests: Sequence[Row]
    images: Sequence[Row]  # of the view images_now, in the order of request and ordinal
    stray_rows: Mapping[str, int]  # of no request or a purged one, by table
    completions: Sequence[Row]
    deliveries: Sequence[Row]
    files: Mapping[str, StoredFile]
    files_after_sweep: frozenset[str] | None = None  # keys; None: nothing was swept
    messages: Sequence[Message]
    lag: Mapping[str, int]  # by "group topic"
    texts: Mapping[str, bytes]  # by place: logs and tables
    secrets: Mapping[str, str]  # by name, beside those of the journal

    @cached_property
    def uploads(self) -> Mapping[str, Upload]:
        return {upload.name: upload for upload in self.history.of(Upload)}

    @cached_property
    def upload_of(self) -> Mapping[str, Upload]:
        """By the ids that were answered."""
        return {
            answered.request_id: self.uploads[answered.name]
            for answered in self.history.of(Answered)
            if answered.request_id is not None
        }

    @cached_property
    def accepted_at(self) -> Mapping[str, float]:
        """When a client got the id for the first time."""
        found: dict[str, float] = {}
        for answered in self.history.of(Answered):
            if answered.request_id is not None:
                found.setdefault(answered.request_id, answered.at)
        return found

    @cached_property
    def request(self) -> Mapping[str, Row]:
        return {row["id"]: row for row in self.requests}

    @cached_property
    def images_of(self) -> Mapping[str, Sequence[Row]]:
        return _grouped(self.images, "request_id")

    @cached_property
    def completions_of(self) -> Mapping[str, Sequence[Row]]:
        return _grouped(self.completions, "request_id")

    @cached_property
    def sent(self) -> Mapping[str, Sequence[Sent]]:
        found: dict[str, list[Sent]] = defaultdict(list)
        for each in self.history.of(Sent):
            found[each.url].append(each)
        return found

    @cached_property
    def bad_answers(self) -> Mapping[str, int]:
        """By host."""
        return Counter(each.host for each in self.history.of(Sent) if each.is_bad)

    @cached_property
    def poison(self) -> frozenset[tuple[str, str]]:
        """The topic and the mark of each."""
        return frozenset((topic, mark) for each in self.history.of(Struck) for topic, mark in each.poison)

    def kept(self) -> Iterator[tuple[Upload, Row]]:
        """Each accepted request that nobody may have deleted, and that is there."""
        for request_id, upload in self.upload_of.items():
            row = self.request.get(request_id)
            if row is not None and row["deleted_at"] is None:
                yield upload, row

    def may_have(self, wish: str, request_id: str) -> bool:
        """Somebody asked for it and was not refused, or never learnt whether it was done."""
        return (wish, request_id) in self._wishes

    @cached_property
    def _wishes(self) -> frozenset[tuple[str, str]]:
        return frozenset(
            (each.wish, each.request_id)
            for each in self.history.of(Wished)
            if each.status in MAY_HAVE_BEEN_DONE
        )

    def told(self, topic: str) -> Iterator[Message]:
        """What Pixmill said there; poison is not its own."""
        return (each for each in self.messages if each.topic == topic and each.mark is None)

    @cached_property
    def ends_told(self) -> Mapping[Run, Sequence[Message]]:
        """Of request.completed: what was said of each run's end."""
        found: dict[Run, list[Message]] = defaultdict(list)
        for message in self.told("request.completed"):
            found[_run_of(message.value or b"")].append(message)
        return found

    @cached_property
    def posts(self) -> Mapping[Run, Sequence[Posted]]:
        """What receivers got, by the run that it speaks of."""
        found: dict[Run, list[Posted]] = defaultdict(list)
        for post in self.history.of(Posted):
            found[_run_of(post.body_bytes)].append(post)
        return found


def _run_of(body: bytes) -> Run:
    """What says nothing of a run is nobody's."""
    try:
        told = json.loads(body)
        return str(told["request_id"]), int(told["run"])
    except (ValueError, KeyError, TypeError):
        return f"nobody ({body[:50]!r})", 0


def _grouped(rows: Sequence[Row], name: str) -> Mapping[str, Sequence[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[name]].append(row)
    return found
