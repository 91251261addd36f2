"""Which result stands: by table, and by a property over all that Kafka may do to the results of an image."""

import uuid
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.status.images.rules import (
    LEAST_REFUSALS,
    LONGEST_BACKOFF_SECONDS,
    MAX_FAILURES,
    MAX_LOSSES,
    REFUSED_SECONDS,
    ImageNow,
    Result,
    judge,
    result_of,
)
from services.status.records.states import ENDED_IMAGES, ImageState
from shared.contract.codes import FailureCode, meaning_of
from shared.contract.events import ImageDone, ImageOutcome
from shared.outbound.retry_after import LONGEST_SECONDS
from shared.outcomes import Invalid

REQUEST = uuid.UUID(int=1)
WAITS_SECONDS = [1.0, 5.0]  # after each failure but the last
IN_FLIGHT = ImageNow(state=ImageState.REQUESTED, run=1, attempt=2)


def told(outcome: ImageOutcome, attempt: int = 2, run: int = 1, **changes: object) -> Result:
    values: dict[str, object] = {
        "request_id": REQUEST,
        "image_id": uuid.UUID(int=2),
        "ordinal": 0,
        "run": run,
        "attempt": attempt,
        "outcome": outcome,
        "output_key": "k" if outcome is ImageOutcome.DONE else None,
        "code": "timed_out" if outcome is ImageOutcome.FAILED else None,
    }
    return result_of(ImageDone.model_validate(values | changes))


def lost(attempt: int = 2, run: int = 1, *, reached_nobody: bool = False) -> Result:
    return Result(request_id=REQUEST, ordinal=0, run=run, attempt=attempt, reached_nobody=reached_nobody)


DONE = told(ImageOutcome.DONE)
FAILED = told(ImageOutcome.FAILED)
RETRYABLE = told(ImageOutcome.FAILED, retryable=True)
STALE = told(ImageOutcome.STALE)


def stale_of(attempt: int) -> Result:
    return told(ImageOutcome.STALE, attempt=attempt)


@pytest.mark.parametrize("attempt", [1, 2, 3])
def test_a_success_of_any_attempt_ends_an_open_image(attempt: int) -> None:
    success = told(ImageOutcome.DONE, attempt=attempt)
    assert judge(IN_FLIGHT, success, 1).state is ImageState.DONE
    waiting = IN_FLIGHT._replace(state=ImageState.PLANNED, failures=1, code=FailureCode.TIMED_OUT)
    assert judge(waiting, success, 1) == waiting._replace(state=ImageState.DONE, code=None)


@pytest.mark.parametrize("result", [DONE, FAILED, RETRYABLE, STALE, lost()])
@pytest.mark.parametrize("state", sorted(ENDED_IMAGES))
def test_nothing_changes_an_image_that_has_ended(state: ImageState, result: Result) -> None:
    ended = IN_FLIGHT._replace(state=state)
    assert judge(ended, result, 1) is ended


@pytest.mark.parametrize("result", [DONE, FAILED, RETRYABLE, STALE, lost()])
def test_a_result_of_an_earlier_run_changes_nothing(result: Result) -> None:
    for image in (IN_FLIGHT, IN_FLIGHT._replace(run=2)):
        assert judge(image, result, 2) is image


@pytest.mark.parametrize("outcome", [ImageOutcome.FAILED, ImageOutcome.STALE])
@pytest.mark.parametrize("attempt", [1, 3])
def test_a_failure_or_loss_of_another_attempt_changes_nothing(outcome: ImageOutcome, attempt: int) -> None:
    assert judge(IN_FLIGHT, told(outcome, attempt=attempt), 1) is IN_FLIGHT
    assert judge(IN_FLIGHT, lost(attempt), 1) is IN_FLIGHT


@pytest.mark.parametrize("result", [RETRYABLE, STALE, lost()])
def test_the_repeat_of_a_failure_or_loss_counts_once(result: Result) -> None:
    once = judge(IN_FLIGHT, result, 1)
    assert once.state is ImageState.PLANNED
    assert judge(once, result, 1) is once


def test_a_final_failure_ends_the_image_at_once() -> None:
    """R09 R19"""
    image = judge(IN_FLIGHT, told(ImageOutcome.FAILED, code="http_404"), 1)
    assert (image.state, image.code, image.failures) == (ImageState.FAILED, "http_404", 1)


def test_a_retryable_failure_comes_again_after_each_wait_and_the_next_ends_the_image() -> None:
    """R18"""
    image, waits = IN_FLIGHT, []
    for attempt in range(2, 2 + len(WAITS_SECONDS) + 1):
        image = judge(image._replace(state=ImageState.REQUESTED, attempt=attempt), _again(attempt), 1)
        waits.append(image.due_in_seconds)
    assert image.state is ImageState.FAILED
    assert waits[:-1] == WAITS_SECONDS


def test_the_hint_of_what_never_came_back_says_after_how_many_losses() -> None:
    assert f"{_IN_WORDS[MAX_LOSSES]} times" in meaning_of(FailureCode.ABANDONED).hint


_IN_WORDS = {3: "three", 4: "four", 5: "five", 6: "six", 7: "seven"}


def _again(attempt: int) -> Result:
    return told(ImageOutcome.FAILED, attempt=attempt, retryable=True)


@pytest.mark.parametrize(
    ("asked_seconds", "wait_seconds"),
    [(None, 1), (0.2, 1), (30, 30), (10**9, LONGEST_SECONDS), (-5, 1)],
)
def test_the_origins_retry_after_is_obeyed_within_limits(
    asked_seconds: float | None, wait_seconds: float
) -> None:
    result = told(ImageOutcome.FAILED, retryable=True, retry_after_seconds=asked_seconds)
    assert judge(IN_FLIGHT, result, 1).due_in_seconds == wait_seconds


def test_the_fifth_loss_abandons_the_image_and_losses_are_no_failures() -> None:
    image = IN_FLIGHT
    for loss in range(1, MAX_LOSSES + 1):
        image = judge(image._replace(state=ImageState.REQUESTED), lost(), 1)
        assert (image.losses, image.failures) == (loss, 0)
    assert (image.state, image.code) == (ImageState.FAILED, "abandoned")


@pytest.mark.parametrize("outcome", [stale_of, partial(lost, reached_nobody=True)])
def test_what_is_ours_never_ends_an_image_however_often_and_waits_ever_longer(
    outcome: Callable[[int], Result],
) -> None:
    """R29: a sick member, a queue of ours, a message that the broker lost."""
    image, waits = IN_FLIGHT, []
    for attempt in range(1, 40):
        asked = image._replace(state=ImageState.REQUESTED, attempt=attempt)
        image = judge(asked, outcome(attempt), 1)
        assert (image.state, image.losses, image.failures) == (ImageState.PLANNED, 0, 0)
        waits.append(image.due_in_seconds or 0)
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (1.0, LONGEST_BACKOFF_SECONDS)


def refused(attempt: int = 2, retry_after_seconds: float = 0.5) -> Result:
    return told(
        ImageOutcome.STALE,
        attempt=attempt,
        code="http_429",
        retry_after_seconds=retry_after_seconds,
        refused=True,
    )


def test_a_refusal_is_no_failure_and_no_loss_and_waits_ever_longer() -> None:
    """R29: the host takes the image later."""
    image, waits = IN_FLIGHT, []
    for attempt in range(2, 40):
        image = judge(image._replace(state=ImageState.REQUESTED, attempt=attempt), refused(attempt), 1)
        assert (image.state, image.code) == (ImageState.PLANNED, "http_429")
        assert (image.failures, image.losses) == (0, 0)
        waits.append(image.due_in_seconds or 0)
    assert image.refusals == len(waits)
    assert (waits[0], waits[-1]) == (1.0, LONGEST_BACKOFF_SECONDS)


def test_an_image_comes_again_when_its_host_said_within_an_hour() -> None:
    for asked, waits in [(120.0, 120.0), (1e9, LONGEST_SECONDS)]:
        assert judge(IN_FLIGHT, refused(retry_after_seconds=asked), 1).due_in_seconds == waits


@pytest.mark.parametrize(
    ("refusals", "seconds", "state"),
    [
        (LEAST_REFUSALS - 1, REFUSED_SECONDS, ImageState.FAILED),
        (LEAST_REFUSALS - 1, REFUSED_SECONDS - 1, ImageState.PLANNED),
        (LEAST_REFUSALS - 2, 10 * REFUSED_SECONDS, ImageState.PLANNED),
    ],
)
def test_an_image_fails_that_its_host_refused_for_an_hour_and_not_by_chance_alone(
    refusals: int, seconds: float, state: ImageState
) -> None:
    """R09"""
    image = judge(IN_FLIGHT._replace(refusals=refusals, refused_seconds=seconds), refused(), 1)
    assert (image.state, image.code) == (state, "http_429")


def test_an_image_that_only_waits_for_its_turn_at_a_host_never_fails() -> None:
    """R29: however long the queue is."""
    waiting = told(ImageOutcome.STALE, code="http_429", retry_after_seconds=30)
    image = judge(IN_FLIGHT._replace(refusals=9, refused_seconds=9 * REFUSED_SECONDS), waiting, 1)
    assert (image.state, image.refusals, image.due_in_seconds) == (ImageState.PLANNED, 9, 30)


def test_an_image_that_waits_keeps_the_reason_of_its_last_attempt_where_none_comes() -> None:
    """A shop reads it as `last_code`. A refusal without a reason, which only a defect sends, is our fault."""
    failed = IN_FLIGHT._replace(code=FailureCode.TIMED_OUT)
    silent = told(ImageOutcome.STALE, retry_after_seconds=30)
    assert judge(failed, silent, 1).code == FailureCode.TIMED_OUT
    often = IN_FLIGHT._replace(refusals=LEAST_REFUSALS, refused_seconds=REFUSED_SECONDS)
    nameless = told(ImageOutcome.STALE, retry_after_seconds=30, refused=True)
    ended = judge(often, nameless, 1)
    assert (ended.state, ended.code) == (ImageState.FAILED, FailureCode.INTERNAL)


@pytest.mark.parametrize("code", [None, "no_such_code", "http_1000"])
def test_a_code_that_is_not_on_the_list_reads_internal(code: str | None) -> None:
    assert judge(IN_FLIGHT, told(ImageOutcome.FAILED, code=code), 1).code == "internal"


def test_a_success_without_an_output_is_no_result() -> None:
    with pytest.raises(Invalid):
        told(ImageOutcome.DONE, output_key=None)


AGREEING = st.sampled_from([DONE, FAILED, RETRYABLE, STALE, refused()])


@given(AGREEING, st.integers(1, 6))
def test_repeats_that_agree_end_as_one_does(result: Result, times: int) -> None:
    image = IN_FLIGHT
    for _ in range(times):
        image = judge(image, result, 1)
    assert image == judge(IN_FLIGHT, result, 1)


results = st.builds(
    lambda outcome, attempt, run, retryable: told(outcome, attempt=attempt, run=run, retryable=retryable),
    st.sampled_from(ImageOutcome),
    st.integers(1, 4),
    st.integers(1, 2),
    st.booleans(),
)


@given(st.lists(st.one_of(results, st.just("dispatch"), st.just("sweep")), max_size=40))
def test_whatever_comes_an_image_ends_once_and_is_bounded(happenings: list[Result | str]) -> None:
    image = ImageNow(state=ImageState.PLANNED, run=1, attempt=0)
    for happening in happenings:
        before = image
        match happening:
            case "dispatch":
                if image.state is ImageState.PLANNED:
                    image = image._replace(state=ImageState.REQUESTED, attempt=image.attempt + 1)
            case "sweep":
                image = judge(image, lost(image.attempt), 1)
            case Result():
                image = judge(image, happening, 1)
        assert before.state not in ENDED_IMAGES or image is before
        assert image.failures <= MAX_FAILURES
        assert image.losses <= MAX_LOSSES
        assert (image.state is ImageState.FAILED) <= (image.code is not None)
        assert (image.state is ImageState.DONE) <= (image.code is None)
