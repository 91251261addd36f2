"""R28: when a call is tried again, and what is raised when it is not."""

from typing import Any

import pytest
from pixmill import (
    ConflictError,
    NotPixmillError,
    PixmillError,
    RateLimitedError,
    RefusedError,
    UnavailableError,
    UnreachableError,
)
from pixmill.flows.calling import json_of, retry_after
from pixmill.flows.effects import Answer, Call
from pixmill.patience import Patience

from tests.unit.client.flows.scripted import Script, answer

GET = Call("GET", "/x")
ONCE = Call("POST", "/x", repeatable=False)
PATIENCE = Patience(tries=3)
LOST = UnreachableError("lost")
NEVER_SENT = UnreachableError("refused", may_have_arrived=False)


def run(script: Script, call: Call = GET) -> Any:
    return script.run(json_of(call, PATIENCE, dict))


@pytest.mark.parametrize("trouble", [LOST, NEVER_SENT, answer(503), answer(429), answer(502), answer(504)])
def test_what_may_pass_is_tried_again(trouble: Answer | UnreachableError) -> None:
    script = Script([trouble, trouble, answer(200, b'{"a": 1}')])
    assert run(script) == {"a": 1}
    assert len(script.asked) == 3
    assert all(pause > 0 for pause in script.pauses)


def test_the_pause_is_what_the_server_asked_for() -> None:
    script = Script([answer(429, retry_after="7"), answer(503, retry_after="0"), answer(200)])
    run(script)
    assert script.pauses == [7, 0]


def test_a_pause_that_is_too_long_is_raised_with_what_was_asked_for() -> None:
    script = Script([answer(429, retry_after="900")])
    with pytest.raises(RateLimitedError) as raised:
        run(script)
    assert raised.value.retry_after_seconds == 900


def test_pauses_grow_and_have_an_end() -> None:
    patience = Patience(longest_pause_seconds=4)
    pauses = [patience.pause_seconds(failures, None, lambda: 0.5) for failures in range(1, 7)]
    assert pauses == [0.5, 1, 2, 4, 4, 4]


def test_the_last_try_is_what_is_raised() -> None:
    with pytest.raises(UnavailableError):
        run(Script([LOST, LOST, answer(503)]))
    with pytest.raises(UnreachableError):
        run(Script([answer(503), answer(503), LOST]))


@pytest.mark.parametrize("trouble", [LOST, answer(502), answer(504)])
def test_what_must_not_be_done_twice_is_not_sent_again_once_it_may_have_arrived(
    trouble: Answer | UnreachableError,
) -> None:
    with pytest.raises(PixmillError):
        run(Script([trouble]), ONCE)


@pytest.mark.parametrize("trouble", [NEVER_SENT, answer(503), answer(429)])
def test_but_it_is_where_nothing_was_done(trouble: Answer | UnreachableError) -> None:
    assert run(Script([trouble, answer(200)]), ONCE) == {}


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 415, 422, 500])
def test_a_no_is_a_no(status: int) -> None:
    with pytest.raises(RefusedError) as raised:
        run(Script([answer(status, b'{"error": "No.", "type": "/problems/some-kind"}')]))
    assert (str(raised.value), raised.value.kind, raised.value.status) == ("No.", "some-kind", status)


def test_a_tenant_with_too_many_images_is_told_at_once() -> None:
    with pytest.raises(RateLimitedError):
        run(Script([answer(429, b'{"type": "/problems/too-many-images"}', retry_after="1")]))


def test_what_is_not_pixmill_is_named_so() -> None:
    page = Answer(200, {"content-type": "text/html; charset=utf-8"}, b"<html>")
    with pytest.raises(NotPixmillError, match="not Pixmill: HTTP status 200 with text/html"):
        run(Script([page]))
    with pytest.raises(ConflictError, match="not Pixmill: HTTP status 409"):
        run(Script([Answer(409, {}, b"<html>")]))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3),
        (" 3 ", 3),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("soon", None),
        ("Sat, 21 Nov 99999999999999999999 11:00:00 GMT", None),
        ("Sat, 21 Nov 2026 11:00:00 +99999999999999999999", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_both_of_its_forms(header: str | None, seconds: float | None) -> None:
    assert retry_after(header) == seconds
