"""R28: following a request to its end, through whatever happens on the way."""

import json
from typing import Any

import pytest
from pixmill import NotFoundError, Patience, Request, StillRunningError, UnreachableError
from pixmill.flows.effects import Answer, Open
from pixmill.flows.following import Following
from pixmill.flows.server_sent import EventReader

from tests.unit.client.flows.scripted import Script, answer

LOST = UnreachableError("lost")
STREAM = Answer(200, {"content-type": "text/event-stream; charset=utf-8"})
PATIENCE = Patience(tries_of_a_wait=3)


def status(state: str, progress: float = 0) -> bytes:
    return json.dumps({"request_id": "r", "state": state, "progress": progress}).encode()


def event(state: str, progress: float = 0) -> bytes:
    return b"event: progress\ndata: " + status(state, progress) + b"\n\n"


def follow(script: Script, timeout_seconds: float | None = None) -> Any:
    return script.run(Following("r", PATIENCE, timeout_seconds).run())


def told(script: Script) -> list[tuple[str, float]]:
    return [(each.state, each.progress) for each in script.emitted]


def test_each_news_of_the_stream_is_told_up_to_the_end() -> None:
    script = Script(
        [STREAM, event("pending"), b": still here\n\n", event("processing", 50), event("completed", 100)]
    )
    assert follow(script).state == "completed"
    assert told(script) == [("pending", 0), ("processing", 50), ("completed", 100)]
    assert script.pauses == []


def test_a_stream_that_breaks_is_opened_again_and_nothing_is_told_twice() -> None:
    script = Script(
        [STREAM, event("processing", 50), LOST, LOST, STREAM, event("processing", 50), event("failed", 100)]
    )
    assert follow(script).state == "failed"
    assert told(script) == [("processing", 50), ("failed", 100)]
    assert len(script.pauses) == 2


def test_a_stream_that_ends_before_the_request_is_opened_again() -> None:
    script = Script([STREAM, event("processing", 50), b"", STREAM, event("completed", 100)])
    assert follow(script).state == "completed"


@pytest.mark.parametrize(
    "no_stream", [[answer(503)], [answer(429)], [Answer(200, {"content-type": "text/html"})]]
)
def test_where_no_stream_comes_it_asks_by_long_polls(no_stream: list[Answer]) -> None:
    script = Script(
        [*no_stream, answer(200, status("processing")), answer(304, b""), answer(200, status("completed"))]
    )
    assert follow(script).state == "completed"
    assert [type(each) for each in script.asked] == [Open] * 4
    assert [each.call.params.get("wait") for each in script.asked[1:]] == [None, "30", "30"]


def test_a_long_poll_asks_only_for_news() -> None:
    script = Script(
        [answer(503), answer(200, status("processing"), etag='"7"'), answer(200, status("completed"))]
    )
    follow(script)
    assert script.asked[2].call.headers == {"if-none-match": '"7"'}


def test_it_gives_up_after_many_tries_without_any_news() -> None:
    with pytest.raises(UnreachableError):
        follow(Script([STREAM, event("processing"), LOST, LOST, LOST]))


def test_news_make_it_patient_again() -> None:
    answers = [each for number in range(9) for each in (STREAM, event("processing", number), LOST, LOST)]
    assert follow(Script([*answers, STREAM, event("completed", 100)])).state == "completed"


def test_a_request_that_is_not_there_is_no_reason_to_wait() -> None:
    with pytest.raises(NotFoundError):
        follow(Script([answer(404, b'{"error": "Request ID not found"}')]))


def test_when_the_time_is_over_it_says_how_far_it_is() -> None:
    script = Script(
        [answer(200, status("processing", 40)), *[answer(503, retry_after="9")] * 2, answer(200, b"")]
    )
    with pytest.raises(StillRunningError, match="still processing at 40 %") as raised:
        follow(script, timeout_seconds=10)
    assert isinstance(raised.value.request, Request)
    assert sum(script.pauses) == 10


@pytest.mark.parametrize(
    ("timeout_seconds", "no_stream", "silence_seconds"),
    [
        (2, [], 12),
        (32, [], 42),
        (None, [], 45),
        (500, [], 45),
        (500, [answer(429, retry_after="0")], 90),
        (None, [answer(429, retry_after="0")], 90),
    ],
)
def test_a_silent_server_is_waited_for_hardly_longer_than_the_caller_wants(
    timeout_seconds: float | None, no_stream: list[Answer], silence_seconds: float
) -> None:
    script = Script([*no_stream, answer(200, status("processing")), LOST, LOST, LOST, LOST])
    with pytest.raises((UnreachableError, StillRunningError)):
        follow(script, timeout_seconds)
    assert script.asked[len(no_stream)].call.read_seconds == silence_seconds


@pytest.mark.parametrize("known", [[], [answer(200, status("processing"))]])
def test_a_server_that_sends_a_byte_now_and_then_is_not_waited_for_longer_than_a_silent_one(
    known: list[Answer],
) -> None:
    drops: list[Answer | bytes] = [Answer(200, {}), *[b"{"] * 19]
    script = Script([*known, *drops], seconds_of_a_read=1.5)
    with pytest.raises(StillRunningError if known else UnreachableError):
        follow(script, 5)
    assert script.seconds == pytest.approx(15, abs=2)


def test_events_are_read_however_the_bytes_are_cut() -> None:
    whole = (
        b": comment\r\nevent: a\r\nid: 1\r\ndata: {\r\ndata: }\r\n\r\ndata: \xc3\xa4\n\n\nevent: empty\n\n"
    )
    expected = list(EventReader().feed(whole))
    assert [(each.name, each.data, each.id) for each in expected] == [
        ("a", "{\n}", "1"),
        ("message", "ä", "1"),
    ]
    for size in range(1, len(whole)):
        reader = EventReader()
        pieces = [whole[place : place + size] for place in range(0, len(whole), size)]
        assert [each for piece in pieces for each in reader.feed(piece)] == expected
