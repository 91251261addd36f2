"""The checker of live runs finds nothing in a sound history, and each violation that is planted into it."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chaos.live.checker.check import OF_TIME, PROMISES, name_of, violations
from chaos.live.checker.evidence import Evidence, Message, StoredFile
from chaos.live.checker.redeliveries import redeliveries
from chaos.live.journal import (
    COME_LATER,
    MARK_HEADER,
    Account,
    Answered,
    AtRest,
    Beat,
    Died,
    Downloaded,
    Heard,
    History,
    Journal,
    NobodyListens,
    Note,
    Posted,
    Replied,
    SeenEnd,
    Sent,
    Settled,
    Struck,
    Trespassed,
    Upload,
    Wished,
)

SECRET = "whsec_" + base64.b64encode(b"a key of thirty-two bytes, or so").decode()
ID, WEBHOOK = "0199-request", "0199-webhook"
GOOD, BAD, DEAD = "http://good/1.jpg", "http://lying/2.jpg", "http://dead/3.jpg"
SHA = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("original", "output")}
ORIGINAL = f"requests/{ID}/original/0-{SHA['original'][:32]}.jpg"
OUTPUT = f"requests/{ID}/output/0-{SHA['output'][:32]}.jpg"
CSV = f"requests/{ID}/output-1.csv"
CSV_TEXT = 'S. No.,Product Name,Input Image Urls,Output Image Urls\r\n1,A,x,http://out/0\r\n2,B,y,","\r\n'
BODY = json.dumps({"request_id": ID, "run": 1, "status": "completed"})
ENDED = datetime.fromtimestamp(1_000, UTC)

UPLOAD = Upload(
    name="anna-0-1",
    tenant="anna",
    key="its key",
    products=((GOOD,), (BAD, DEAD)),
    has_webhook=True,
    is_small=True,
)
ACCOUNT = Account(tenant="anna", api_key="pxm_anna", webhook_secret=SECRET)


def signed(body: str = BODY, **other: str) -> Posted:
    named = f"{WEBHOOK}.999.".encode()
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, named + body.encode(), hashlib.sha256)).decode()
    headers = {
        "webhook-id": WEBHOOK,
        "webhook-timestamp": "999",
        "webhook-signature": f"v1,{signature}",
        **other,
    }
    return Posted(at=1_001, path="/good/anna", headers=headers, body=body)


POSTED = signed()
SENT = Sent(url=GOOD, sha256=SHA["original"], wrong=None, seconds=0.1)
STRUCK = Struck(name="poison", began=10, healed=15, ended=20, poison=(("image.done", "mark-1"),))
LATE = Struck(name="status killed", began=30, healed=39, ended=100)
NOTES: Sequence[Note] = (
    ACCOUNT,
    UPLOAD,
    Answered(at=990, name=UPLOAD.name, status=202, request_id=ID),
    SENT,
    Sent(url=BAD, sha256=None, wrong="404", seconds=0.1),
    NobodyListens(host="http://dead"),
    SeenEnd(request_id=ID, run=1, state="completed"),
    Heard(request_id=ID, run=1),
    POSTED,
    Replied(webhook_id=WEBHOOK, status=204),
    STRUCK,
    Settled(left=None),
    Downloaded(request_id=ID, status=200, text=CSV_TEXT),
    AtRest(service="status-0", moment="before", memory_bytes=100_000_000, descriptors=30),
    AtRest(service="status-0", moment="after", memory_bytes=110_000_000, descriptors=31),
    Beat(at=995, slowness=1.0, late_seconds=0.0),
    Died(part="status-0", how="killed by SIGKILL", last_words=""),
)
REQUEST: Mapping[str, Any] = {
    "id": ID,
    "filename": f"{UPLOAD.name}.csv",
    "state": "completed",
    "run": 1,
    "done": 1,
    "failed": 2,
    "recorded_at": datetime.fromtimestamp(990, UTC),
    "completed_at": ENDED,
    "deleted_at": None,
    "purged_at": None,
    "output_csv_path": CSV,
}


def image(ordinal: int, url: str, state: str, **known: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("code", "original_key", "output_key", "output_url", "sha256", "format"))
    sizes = {"width": None, "height": None, "ended_at": ENDED}
    named = {"request_id": ID, "ordinal": ordinal, "input_url": url, "state": state}
    return {**nothing, **sizes, **named, **known}


DONE = image(
    0,
    GOOD,
    "done",
    original_key=ORIGINAL,
    output_key=OUTPUT,
    output_url="http://out/0",
    sha256=SHA["output"],
    format="jpeg",
    width=40,
    height=30,
)
FAILED = image(1, BAD, "failed", code="http_404")
UNREACHED = image(2, DEAD, "failed", code="connect_failed")
COMPLETION = {"request_id": ID, "run": 1, "completed_at": ENDED, "body": BODY}
DELIVERY = {
    "webhook_id": WEBHOOK,
    "request_id": ID,
    "state": "delivered",
    "attempts": 1,
    "schedule_from": 0,
}
TOLD = Message(
    topic="request.completed", partition=0, offset=0, value=BODY.encode(), headers=(("ce_id", b"1"),)
)
LETTER = Message(
    topic="image.done.dlq", partition=0, offset=0, value=b"", headers=((MARK_HEADER, b"mark-1"),)
)
SOUND = Evidence(
    history=History(NOTES),
    requests=[REQUEST],
    images=[DONE, FAILED, UNREACHED],
    stray_rows={"images": 0},
    completions=[COMPLETION],
    deliveries=[DELIVERY],
    files={
        ORIGINAL: StoredFile(SHA["original"]),
        OUTPUT: StoredFile(SHA["output"], picture=("jpeg", 40, 30)),
        CSV: StoredFile("", text=CSV_TEXT),
    },
    files_after_sweep=frozenset({ORIGINAL, OUTPUT, CSV, f"requests/{ID}/source.csv", "database-mark"}),
    messages=[TOLD, LETTER],
    lag={"status image.done": 0},
    texts={"log status-0.log": b"all is well"},
    secrets={"a key of the stack": "CANARY"},
)


def noting(*notes: Note, without: Callable[[Note], bool] = lambda _: False) -> Evidence:
    kept = [note for note in NOTES if not without(note)]
    return replace(SOUND, history=History([*kept, *notes]))


def with_request(**changed: Any) -> Evidence:
    return replace(SOUND, requests=[{**REQUEST, **changed}])


def with_done(**changed: Any) -> Evidence:
    return replace(SOUND, images=[{**DONE, **changed}, FAILED, UNREACHED])


def with_failed(**changed: Any) -> Evidence:
    return replace(SOUND, images=[DONE, {**FAILED, **changed}, UNREACHED])


def without_files(*keys: str) -> Evidence:
    return replace(SOUND, files={key: file for key, file in SOUND.files.items() if key not in keys})


def with_output(file: StoredFile) -> Evidence:
    return replace(SOUND, files={**SOUND.files, OUTPUT: file})


def with_delivery(**changed: Any) -> Evidence:
    return replace(SOUND, deliveries=[{**DELIVERY, **changed}])


def busy_others() -> Sequence[Mapping[str, Any]]:
    moment = datetime.fromtimestamp(995, UTC)
    return [{**image(n, "http://x/1", "done"), "request_id": "other", "ended_at": moment} for n in range(400)]


PLANTED: Sequence[tuple[str, Evidence]] = [
    ("all work came to its end", noting(Settled(left="requests that are open"))),
    ("every id that was answered has ended", replace(SOUND, requests=[])),
    ("every id that was answered has ended", with_request(deleted_at=ENDED, purged_at=ENDED)),
    ("every id that was answered has ended", with_request(state="processing")),
    ("every id that was answered has ended", with_request(state="cancelled")),
    ("a run ends in one state", noting(SeenEnd(request_id=ID, run=1, state="failed"))),
    (
        "a run ends in one state",
        replace(SOUND, messages=[replace(TOLD, value=BODY.replace("completed", "failed").encode())]),
    ),
    ("every end is told in the same bytes", replace(SOUND, completions=[])),
    ("every end is told in the same bytes", with_request(run=2)),
    ("every end is told in the same bytes", replace(SOUND, messages=[LETTER])),
    (
        "every end is told in the same bytes",
        replace(SOUND, messages=[TOLD, replace(TOLD, value=BODY.encode() + b" "), LETTER]),
    ),
    ("the feed tells every end once", noting(without=lambda note: isinstance(note, Heard))),
    ("the feed tells every end once", noting(Heard(request_id=ID, run=1))),
    ("a key makes one request", replace(SOUND, requests=[REQUEST, {**REQUEST, "id": "another"}])),
    ("a key makes one request", noting(Answered(name=UPLOAD.name, status=202, request_id="another"))),
    (
        "a key makes one request",
        noting(
            Answered(name=UPLOAD.name, status=503, request_id=None),
            without=lambda note: isinstance(note, Answered),
        ),
    ),
    ("a key makes one request", with_request(filename="other.csv")),
    ("every image has one result", replace(SOUND, images=[DONE, FAILED])),
    ("every image has one result", replace(SOUND, images=[DONE, DONE, FAILED, UNREACHED])),
    ("every image has one result", with_request(done=2)),
    ("every image has one result", with_failed(state="requested")),
    ("every image has one result", with_failed(state="cancelled")),
    ("no image failed that its host served", with_done(state="failed", code="timed_out")),
    (
        "no image failed that its host served",
        replace(
            noting(*[Sent(url=GOOD, sha256=None, wrong=COME_LATER, seconds=0.1)] * 5),
            images=[{**DONE, "state": "failed", "code": "http_429"}, FAILED, UNREACHED],
        ),
    ),
    ("no image failed that its host served", with_failed(code="http_500")),
    (
        "no image failed that its host served",
        noting(without=lambda note: isinstance(note, Sent) and note.url == BAD),
    ),
    ("no image failed that its host served", noting(without=lambda note: isinstance(note, NobodyListens))),
    (
        "no image failed that its host served",
        replace(
            noting(*[Sent(url=DEAD, sha256=None, wrong="500", seconds=0.1)] * 2),
            images=[DONE, FAILED, {**UNREACHED, "input_url": DEAD, "code": "http_500"}],
        ),
    ),
    ("what is done came from its host", noting(without=lambda note: note == SENT)),
    ("what is done came from its host", without_files(ORIGINAL)),
    ("done means a file and a file means done", without_files(OUTPUT)),
    ("done means a file and a file means done", with_output(StoredFile("other", ("jpeg", 40, 30)))),
    ("done means a file and a file means done", with_output(StoredFile(SHA["output"]))),
    ("done means a file and a file means done", with_output(StoredFile(SHA["output"], ("png", 40, 30)))),
    ("done means a file and a file means done", with_done(sha256="other")),
    ("done means a file and a file means done", with_failed(output_url="http://out/1")),
    ("output csvs say what the rows say", without_files(CSV)),
    ("output csvs say what the rows say", with_done(output_url="http://out/other")),
    ("output csvs say what the rows say", noting(Downloaded(request_id=ID, status=200, text="S. No.\r\n"))),
    ("output csvs say what the rows say", noting(Downloaded(request_id=ID, status=404, text=""))),
    ("no row belongs to nobody", replace(SOUND, stray_rows={"images": 1})),
    ("no row belongs to nobody", with_request(deleted_at=ENDED)),
    (
        "no file belongs to nobody after the sweep",
        replace(SOUND, files_after_sweep=frozenset({f"requests/{ID}/output/9-{'0' * 32}.jpg"})),
    ),
    (
        "no file belongs to nobody after the sweep",
        replace(SOUND, files_after_sweep=frozenset({"requests/nobody/source.csv"})),
    ),
    (
        "no file belongs to nobody after the sweep",
        replace(SOUND, files_after_sweep=frozenset({f"requests/{ID}/output-7.csv"})),
    ),
    ("every end is posted at least once", noting(without=lambda note: isinstance(note, Posted))),
    ("a run is posted under one id in the same bytes", noting(signed(**{"webhook-id": "another"}))),
    ("a run is posted under one id in the same bytes", noting(signed(BODY + " "))),
    ("a run is posted under one id in the same bytes", noting(signed(BODY.replace("1", "2")))),
    ("every post is signed", noting(signed(**{"webhook-signature": "v1,AAAA"}))),
    ("every post is signed", noting(signed(**{"webhook-timestamp": "998"}))),
    ("none is posted before the end", noting(POSTED.model_copy(update={"at": 999.0}))),
    ("none is posted before the end", replace(SOUND, completions=[])),
    ("a delivery ends as its receiver answered", with_delivery(state="retrying")),
    ("a delivery ends as its receiver answered", with_delivery(state="gone")),
    ("a delivery ends as its receiver answered", with_delivery(state="exhausted")),
    ("a delivery ends as its receiver answered", with_delivery(state="undeliverable")),
    (
        "a delivery ends as its receiver answered",
        noting(without=lambda note: isinstance(note, Replied)),
    ),
    ("dead letters are the poison", replace(SOUND, messages=[TOLD])),
    ("dead letters are the poison", replace(SOUND, messages=[TOLD, LETTER, replace(LETTER, headers=())])),
    ("nothing is left unread", replace(SOUND, lag={"status image.done": 1})),
    ("nobody is called who must not be", noting(Trespassed(path="/1.jpg"))),
    ("no secret is kept or told", replace(SOUND, texts={"log": b"key pxm_anna"})),
    ("no secret is kept or told", replace(SOUND, texts={"log": b"a CANARY"})),
    (
        "no secret is kept or told",
        replace(SOUND, messages=[TOLD, LETTER, replace(LETTER, value=SECRET.encode())]),
    ),
    (
        "no server breaks by what it is asked",
        replace(
            SOUND, texts={"log postgres.log": b"LOG:  client backend (PID 9) was terminated by signal 11"}
        ),
    ),
    ("nobody died by itself", noting(Died(part="status-0", how="exit status 1", last_words="a bug"))),
    (
        "memory and descriptors stay flat",
        noting(AtRest(service="status-0", moment="after", memory_bytes=400_000_000, descriptors=30)),
    ),
    (
        "memory and descriptors stay flat",
        noting(AtRest(service="status-0", moment="after", memory_bytes=100_000_000, descriptors=300)),
    ),
    ("everything is soon ready after a fault", noting(LATE)),
    (
        "no small request waits for another's load",
        replace(
            SOUND,
            images=[*SOUND.images, *busy_others()],
            completions=[{**COMPLETION, "completed_at": datetime.fromtimestamp(1_000.5, UTC)}],
        ),
    ),
]


def test_nothing_is_found_in_a_sound_history() -> None:
    assert violations(SOUND) == {}


@pytest.mark.parametrize(("promise", "evidence"), PLANTED)
def test_a_planted_violation_is_found(promise: str, evidence: Evidence) -> None:
    assert promise in violations(evidence)


def test_each_promise_has_a_violation_of_its_own() -> None:
    assert {promise for promise, _ in PLANTED} == {name_of(promise) for promise in (*PROMISES, *OF_TIME)}


@pytest.mark.parametrize(
    ("promise", "evidence"),
    [
        ("every id that was answered has ended", noting(Wished(request_id=ID, wish="delete", status=202))),
        ("every id that was answered has ended", noting(Wished(request_id=ID, wish="delete", status=0))),
    ],
)
def test_what_somebody_may_have_deleted_may_be_gone(promise: str, evidence: Evidence) -> None:
    gone = replace(evidence, requests=[{**REQUEST, "deleted_at": ENDED, "purged_at": ENDED}])
    assert promise not in violations(gone)


def test_a_wish_that_was_refused_explains_nothing() -> None:
    refused = noting(Wished(request_id=ID, wish="delete", status=409))
    gone = replace(refused, requests=[{**REQUEST, "deleted_at": ENDED, "purged_at": ENDED}])
    assert "every id that was answered has ended" in violations(gone)


def test_a_machine_that_is_slow_is_waited_for() -> None:
    slow = noting(LATE, Beat(at=80, slowness=2.0, late_seconds=0.0))
    assert violations(slow) == {}


def test_promises_in_seconds_are_judged_only_where_they_are_asked_for() -> None:
    assert violations(noting(LATE), also_of_time=False) == {}


def test_a_notice_of_what_was_too_large_is_known_by_where_it_came_from() -> None:
    poisoned = Message(
        topic="image.done", partition=3, offset=7, value=b"x", headers=((MARK_HEADER, b"mark-1"),)
    )
    told_from = (("dlq_partition", b"3"), ("dlq_offset", b"7"))
    notice = replace(LETTER, headers=told_from)
    assert violations(replace(SOUND, messages=[TOLD, poisoned, notice])) == {}
    assert violations(replace(SOUND, messages=[TOLD, notice])) != {}


def test_what_comes_again_is_counted() -> None:
    twice = replace(SOUND, messages=[TOLD, TOLD, LETTER], history=History([*NOTES, POSTED, SENT, SENT]))
    assert redeliveries(twice) == {
        "messages told again": 1,
        "posts made again": 1,
        "images served again": 2,
        "uploads answered again": 0,
    }


def test_a_journal_is_read_as_it_was_written(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.ndjson")
    for note in NOTES:
        journal.add(note)
    journal.close()
    assert History.read(tmp_path / "journal.ndjson").of(Upload) == [UPLOAD]
    assert len(History.read(tmp_path / "journal.ndjson").of(Posted)) == 1
