"""What an answer of the notifier means for a delivery."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.status.records.states import OPEN_DELIVERIES, DeliveryState
from services.status.webhooks.rules import (
    DEFER_SECONDS,
    Answer,
    DeliveryNow,
    judge,
)
from shared.contract.events import DeliveryOutcome
from shared.outbound.retry_after import LONGEST_SECONDS

SCHEDULE = (0.0, 5.0, 300.0)
MIDDLE = 0.5  # of the spread
FIRST = DeliveryNow()


def after(
    delivery: DeliveryNow, attempt: int, outcome: DeliveryOutcome, retry_after: float | None = None
) -> DeliveryNow:
    return judge(delivery, Answer(attempt, outcome, retry_after), SCHEDULE, MIDDLE)


def asked_again(delivery: DeliveryNow) -> DeliveryNow:
    return replace(delivery, asked=True, due_in_seconds=None)


def test_failed_attempts_follow_the_schedule_until_it_is_exhausted() -> None:
    """R17"""
    delivery, story = FIRST, []
    for attempt in (1, 2, 3):
        delivery = after(asked_again(delivery), attempt, DeliveryOutcome.FAILED)
        story.append((delivery.state.value, delivery.attempts, delivery.due_in_seconds))
    assert story == [("retrying", 1, 5.0), ("retrying", 2, 300.0), ("exhausted", 3, None)]


@pytest.mark.parametrize(("chance", "wait_seconds"), [(0.0, 4.0), (0.5, 5.0), (1.0, 6.0)])
def test_waits_are_spread_by_a_fifth(chance: float, wait_seconds: float) -> None:
    judged = judge(FIRST, Answer(1, DeliveryOutcome.FAILED), SCHEDULE, chance)
    assert judged.due_in_seconds == pytest.approx(wait_seconds)


@pytest.mark.parametrize(
    ("asked_seconds", "wait_seconds"), [(1, 5), (60, 60), (10**9, LONGEST_SECONDS), (-1, 5)]
)
def test_retry_after_is_obeyed_and_clamped(asked_seconds: float, wait_seconds: float) -> None:
    assert after(FIRST, 1, DeliveryOutcome.FAILED, asked_seconds).due_in_seconds == wait_seconds


@pytest.mark.parametrize(
    ("outcome", "state", "attempts"),
    [
        (DeliveryOutcome.DELIVERED, DeliveryState.DELIVERED, 1),
        (DeliveryOutcome.GONE, DeliveryState.GONE, 1),
        (DeliveryOutcome.UNDELIVERABLE, DeliveryState.UNDELIVERABLE, 0),
    ],
)
def test_some_answers_end_a_delivery(outcome: DeliveryOutcome, state: DeliveryState, attempts: int) -> None:
    ended = after(FIRST, 1, outcome)
    assert (ended.state, ended.attempts, ended.due_in_seconds) == (state, attempts, None)


def test_deferred_is_no_attempt_and_the_same_number_is_asked_for_again() -> None:
    for asked_seconds, wait_seconds in ((None, DEFER_SECONDS), (40.0, 40.0)):
        deferred = after(FIRST, 1, DeliveryOutcome.DEFERRED, asked_seconds)
        assert (deferred.attempts, deferred.next_attempt, deferred.due_in_seconds) == (0, 1, wait_seconds)


def test_a_repeated_answer_counts_once() -> None:
    for outcome in (DeliveryOutcome.FAILED, DeliveryOutcome.DEFERRED):
        once = after(FIRST, 1, outcome)
        assert after(once, 1, outcome) is once


@pytest.mark.parametrize("state", sorted(set(DeliveryState) - {DeliveryState.DELIVERED}))
def test_a_recorded_success_ends_a_delivery_however_late_it_comes(state: DeliveryState) -> None:
    late = DeliveryNow(state=state, attempts=2, next_attempt=3)
    assert after(late, 1, DeliveryOutcome.DELIVERED).state is DeliveryState.DELIVERED


@pytest.mark.parametrize("outcome", list(DeliveryOutcome))
def test_delivered_is_for_good(outcome: DeliveryOutcome) -> None:
    delivered = DeliveryNow(state=DeliveryState.DELIVERED, attempts=1, next_attempt=2, asked=False)
    assert after(delivered, 2, outcome) is delivered


def test_a_delivery_that_is_asked_for_by_hand_starts_its_schedule_anew() -> None:
    again = DeliveryNow(state=DeliveryState.RETRYING, attempts=3, next_attempt=4, schedule_from=3)
    judged = after(again, 4, DeliveryOutcome.FAILED)
    assert (judged.state, judged.attempts, judged.due_in_seconds) == (DeliveryState.RETRYING, 4, 5.0)


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from(DeliveryOutcome)), max_size=20))
def test_whatever_comes_attempts_never_fall_and_an_end_stays(
    answers: list[tuple[int, DeliveryOutcome]],
) -> None:
    delivery = FIRST
    for attempt, outcome in answers:
        judged = after(delivery, attempt, outcome)
        assert judged.attempts in {delivery.attempts, delivery.attempts + 1}
        if delivery.state not in OPEN_DELIVERIES and outcome is not DeliveryOutcome.DELIVERED:
            assert judged is delivery
        delivery = judged
