"""R19: one closed list of reasons why an image fails, and whatever a host answers is on it."""

import copy
import json
from uuid import UUID

import pytest
from pydantic import ValidationError

from shared.contract.codes import (
    CHANGED_AS_TEXT,
    Code,
    FailureCode,
    Fixer,
    hint_of,
    http_code,
    known_code,
    meaning_of,
)
from shared.contract.events import ImageDone
from shared.outbound.client import NetCode

MAY_CHANGE_BY_ITSELF = {0, 99, 408, 425, 429, 500, 503, 599, 600, 999}
STAYS = {100, 201, 302, 400, 404, 410, 499}
TRIED_AGAIN = {
    FailureCode.DNS_FAILED,
    FailureCode.CONNECT_FAILED,
    FailureCode.CONNECTION_LOST,
    FailureCode.TIMED_OUT,
    FailureCode.TOO_SLOW,
    FailureCode.STORE_REFUSED,
}
CODES: tuple[Code, ...] = (*FailureCode, *map(http_code, (0, 99, 404, 999)))


def test_every_code_has_a_meaning_of_its_own() -> None:
    hints = [meaning_of(code).hint for code in FailureCode]
    assert all(hint.endswith(".") for hint in hints)
    assert len(set(hints)) == len(hints)


def test_a_detail_that_is_written_for_people_is_part_of_the_hint() -> None:
    told = {
        (FailureCode.UNSUPPORTED_FORMAT, "HEIC is not supported"): (
            "Images of this format are not supported: HEIC is not supported."
        ),
        (FailureCode.DAMAGED, "it breaks off: only the first 62 % of its lines"): (
            "The image file is truncated or broken: it breaks off: only the first 62 % of its lines."
        ),
        (FailureCode.TOO_MANY_PIXELS, "it has 90,000,000 pixels"): (
            "The image has more pixels or frames than the limit, or a side that is too long for its new"
            " format: it has 90,000,000 pixels."
        ),
        (FailureCode.NOT_AN_IMAGE, "the answer is a web page"): (
            "The URL does not answer with an image: the answer is a web page."
        ),
        (FailureCode.NOT_AN_IMAGE, None): "The URL does not answer with an image.",
        (FailureCode.TOO_LARGE, "it has more than 26,214,400 bytes"): (
            "The file is larger than the limit: it has more than 26,214,400 bytes."
        ),
        (FailureCode.DAMAGED, CHANGED_AS_TEXT): (
            "The image file is truncated or broken: its bytes were changed as if they were text."
        ),
        (FailureCode.DAMAGED, "OSError: something of ours"): "The image file is truncated or broken.",
        (FailureCode.DAMAGED, None): "The image file is truncated or broken.",
    }
    assert {arguments: hint_of(*arguments) for arguments in told} == told


def test_why_nobody_answered_is_a_failure_of_the_image() -> None:
    assert {code.value for code in NetCode} <= set(FailureCode)


def test_every_status_that_a_host_can_send_has_its_code() -> None:
    for status in range(1000):
        code = http_code(status)
        assert (code, code.status) == (f"http_{status:03}", status)
        assert meaning_of(code).fixer is Fixer.ORIGIN
        assert str(status) in meaning_of(code).hint


def test_a_status_that_may_change_by_itself_is_tried_again() -> None:
    statuses = MAY_CHANGE_BY_ITSELF | STAYS
    tried_again = {status for status in statuses if meaning_of(http_code(status)).retryable}
    assert tried_again == MAY_CHANGE_BY_ITSELF


def test_what_may_be_otherwise_next_time_is_tried_again() -> None:
    assert {code for code in FailureCode if meaning_of(code).retryable} == TRIED_AGAIN


@pytest.mark.parametrize("code", CODES)
def test_a_code_is_read_as_it_was_written(code: Code) -> None:
    for read in (known_code(str(code)), copy.deepcopy(code)):
        assert (read, type(read)) == (code, type(code))


@pytest.mark.parametrize("text", ["", "no_such_code", "http_", "http_40", "http_1000", "http_٤٠٤"])
def test_what_is_not_on_the_list_is_a_mistake_of_ours(text: str) -> None:
    assert known_code(text) is FailureCode.INTERNAL


NEWER = {
    "request_id": str(UUID(int=1)),
    "image_id": str(UUID(int=2)),
    "ordinal": 0,
    "run": 1,
    "attempt": 1,
    "outcome": "failed",
}


@pytest.mark.parametrize(
    ("told", "read"), [("timed_out", FailureCode.TIMED_OUT), ("new_code", FailureCode.INTERNAL), (None, None)]
)
def test_a_result_is_taken_whatever_code_it_tells(told: str | None, read: Code | None) -> None:
    """A newer processor may know more codes than this status service."""
    done = ImageDone.parse(json.dumps(NEWER | {"code": told}).encode())
    assert done.code is read
    assert json.loads(done.value())["code"] == read


def test_a_code_that_is_no_text_makes_its_message_invalid() -> None:
    with pytest.raises(ValidationError):
        ImageDone.parse(json.dumps(NEWER | {"code": 404}).encode())
