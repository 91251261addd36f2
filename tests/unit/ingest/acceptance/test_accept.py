"""A kill between any two steps of accepting leaves nothing, or what a repeat of the call completes."""

import asyncio
import dataclasses
import hashlib
import io
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from services.ingest.acceptance.accepted_upload import AcceptedUpload
from services.ingest.acceptance.acceptor import Acceptor
from services.ingest.acceptance.ledger import Ledger
from services.ingest.acceptance.upload import Upload
from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.reader import read_csv
from services.ingest.csv_file.verdicts import UploadWarning
from services.ingest.form.form import Form
from services.ingest.form.options import Options
from shared.consuming.handling import Outgoing
from shared.contract.events import CsvAccepted
from shared.contract.keys import request_key, rows_key, source_key
from shared.contract.targets import TargetKeyring
from shared.outcomes import Away
from shared.store import Refused, Writer
from shared.testing.fakes import FakeProducer, FakeStore
from shared.web.problems import Problem

CSV = b"S. No.,Product Name,Input Image Urls\n1,SKU1,https://a.example/1.jpg\n"
KEYRING = TargetKeyring([SecretStr(Fernet.generate_key().decode())])
STEPS = 10  # before and after: source, rows, request.json, ledger, publish
NOW = datetime(2026, 1, 2, tzinfo=UTC)


class Killed(BaseException):
    """The process ends here, as by kill -9: nobody catches it."""


@dataclass
class Fuse:
    """Burns one step at each call; the process ends when it is burnt."""

    steps: int

    def burn(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise Killed


@dataclass
class MortalStore(FakeStore):
    """Dies before or after a write, as the fuse has it."""

    fuse: Fuse = field(default_factory=lambda: Fuse(1_000))

    async def put(self, key: str, data: bytes) -> None:
        self.fuse.burn()
        await super().put(key, data)
        self.fuse.burn()

    async def put_new(self, key: str, data: bytes) -> bool:
        self.fuse.burn()
        done = await super().put_new(key, data)
        self.fuse.burn()
        return done

    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator[Writer]:
        self.fuse.burn()
        async with super().writer(key) as writer:
            yield writer


@dataclass
class MortalProducer(FakeProducer):
    fuse: Fuse = field(default_factory=lambda: Fuse(1_000))

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        self.fuse.burn()
        await super().publish(messages)
        self.fuse.burn()


def upload(csv: bytes = CSV) -> Upload:
    file = io.BytesIO(csv)
    judged = read_csv(file, CsvLimits())
    with judged.rows as rows:
        judged = dataclasses.replace(judged, rows=io.BytesIO(rows.read()))
    options = Options(webhook_url="https://shop.example/hook")
    form = Form(
        fields={},
        file=file,
        filename="p.csv",
        file_bytes=len(csv),
        file_sha256=hashlib.sha256(csv).hexdigest(),
    )
    return Upload(form, options, judged)


def accepting(store: FakeStore, producer: FakeProducer) -> Acceptor:
    return Acceptor(store=store, producer=producer, keyring=KEYRING, now=lambda: NOW, new_id=uuid4)


async def call(acceptor: Acceptor, key: str = "one") -> AcceptedUpload:
    """What `Uploads` does."""
    sent = upload()
    found = await acceptor.find("local", key, sent.fingerprint)
    if found is None:
        return await acceptor.accept(sent, "local", key)
    await acceptor.announce(found)
    return found


@pytest.mark.parametrize("steps", range(STEPS + 1))
async def test_a_repeat_after_a_kill_at_any_step_makes_one_whole_request(steps: int) -> None:
    """R01"""
    store, producer = MortalStore(), MortalProducer()
    acceptor = accepting(store, producer)
    store.fuse = producer.fuse = Fuse(steps)
    try:
        await call(acceptor)
    except Killed:
        survived = False
    else:
        survived = True
    assert survived == (steps >= STEPS)
    store.fuse = producer.fuse = Fuse(1_000)
    answered = await call(acceptor)
    events = producer.events(CsvAccepted)
    assert {event.request_id for event in events} == {answered.event.request_id}
    assert len({message.value for message in producer.published}) == 1
    for key in (source_key, rows_key, request_key):
        assert key(events[0].request_id) in store.objects


async def test_of_many_calls_at_once_all_get_the_id_of_one() -> None:
    store, producer = FakeStore(), FakeProducer()
    acceptor = accepting(store, producer)
    entries = await asyncio.gather(*(acceptor.accept(upload(), "local", "one") for _ in range(10)))
    (request_id,) = {entry.event.request_id for entry in entries}
    assert len(producer.published) == 10
    assert ids_in(store) == {str(request_id)}


def ids_in(store: FakeStore) -> set[str]:
    """Of the requests of which anything is stored."""
    return {key.split("/")[1] for key in store.objects if key.startswith("requests/")}


async def test_of_two_files_at_once_with_one_key_one_is_refused_and_leaves_nothing() -> None:
    store, producer = FakeStore(), FakeProducer()
    acceptor = accepting(store, producer)
    other = upload(CSV.replace(b"SKU1", b"SKU2"))
    answers = await asyncio.gather(
        *(acceptor.accept(each, "local", "one") for each in (upload(), other)), return_exceptions=True
    )
    (refused,) = (answer for answer in answers if isinstance(answer, Problem))
    assert refused.status == 422
    (event,) = producer.events(CsvAccepted)
    assert ids_in(store) == {str(event.request_id)}


class FailingStore(FakeStore):
    """Takes the files of an upload, and fails at what says that they are whole."""

    error: Exception

    async def put(self, key: str, data: bytes) -> None:
        if key.endswith("request.json"):
            raise self.error
        await super().put(key, data)


@pytest.mark.parametrize("error", [Away("store", "it is full"), Refused("no such name")])
async def test_what_could_not_be_stored_whole_is_removed(error: Exception) -> None:
    """R22: a full store is not filled with it."""
    store, producer = FailingStore(), FakeProducer()
    store.error = error
    with pytest.raises(type(error)):
        await accepting(store, producer).accept(upload(), "local", "one")
    assert not store.objects
    assert not producer.published


async def test_tenants_do_not_share_keys() -> None:
    acceptor = accepting(FakeStore(), FakeProducer())
    first = await acceptor.accept(upload(), "one", "key")
    second = await acceptor.accept(upload(), "two", "key")
    assert first.event.request_id != second.event.request_id


async def test_a_key_that_is_older_than_the_topics_is_not_published_again() -> None:
    store = FakeStore()
    acceptor = accepting(store, FakeProducer())
    entry = await acceptor.accept(upload(), "local", "one")
    with pytest.raises(Problem) as raised:
        await Ledger(store).find("local", "one", entry.fingerprint, NOW + timedelta(days=7, seconds=1))
    assert raised.value.status == 422


def test_the_ledger_holds_an_upload_as_every_release_writes_and_reads_it() -> None:
    event = CsvAccepted(
        request_id=UUID(int=5),
        tenant="shop",
        created_at=NOW,
        filename="p.csv",
        source_key="s",
        source_bytes=3,
        source_sha256="0",
        rows_key="r",
        columns=("A",),
        products=1,
        images=1,
    )
    accepted = AcceptedUpload(
        fingerprint="f",
        created_at=NOW + timedelta(microseconds=1),
        event=event,
        event_bytes=event.value(),
        sealed_target="sealed",
        warnings=(UploadWarning("code", "message"),),
    )
    kept = accepted.to_json()
    assert json.loads(kept) == {
        "fingerprint": "f",
        "created_at": "2026-01-02T00:00:00.000001Z",
        "event": event.value().decode(),
        "sealed_target": "sealed",
        "traceparent": None,
        "warnings": [{"code": "code", "message": "message"}],
    }
    assert AcceptedUpload.from_json(kept) == accepted
    of_a_later_release = json.loads(kept) | {"more": 1}
    assert AcceptedUpload.from_json(json.dumps(of_a_later_release).encode()) == accepted
