"""What an answer of the notifier means for a delivery (pure): delivered for good, again later, or the end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from services.status.records.states import OPEN_DELIVERIES, DeliveryState
from shared.contract.events import DeliveryOutcome
from shared.outbound.retry_after import within_reason

JITTER = 0.2
DEFER_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryNow:
    """What the judgement needs of a delivery's row."""

    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0  # posts that were really made
    next_attempt: int = 1  # that was asked for, or will be
    schedule_from: int = 0  # attempts made before the schedule began (again)
    asked: bool = True  # an answer to next_attempt is still to come
    due_in_seconds: float | None = None
    at_any_age: bool = False  # the notifier took what asked for it for a replay


@dataclass(frozen=True, slots=True)
class Answer:
    """What the notifier told of one attempt."""

    attempt: int
    outcome: DeliveryOutcome
    retry_after_seconds: float | None = None
    too_old: bool = False


def judge(delivery: DeliveryNow, answer: Answer, schedule: Sequence[float], chance: float) -> DeliveryNow:
    """The delivery after this answer; itself if it changes nothing. `chance`, 0 to 1, spreads retries."""
    if delivery.state is DeliveryState.DELIVERED:
        return delivery
    if answer.outcome is DeliveryOutcome.DELIVERED:  # of any attempt, however late
        return _ended(_counted(delivery, answer), DeliveryState.DELIVERED)
    if delivery.state not in OPEN_DELIVERIES or answer.attempt != delivery.next_attempt:
        return delivery
    return _unsuccessful(delivery, answer, schedule, chance)


def _unsuccessful(
    delivery: DeliveryNow, answer: Answer, schedule: Sequence[float], chance: float
) -> DeliveryNow:
    match answer.outcome:
        case DeliveryOutcome.FAILED:
            return _failed(_counted(delivery, answer), answer, schedule, chance)
        case DeliveryOutcome.DEFERRED:
            return _deferred(delivery, answer)
        case DeliveryOutcome.UNDELIVERABLE:
            # No post was made, but its number is used up: what is asked for later has a line of its own.
            used = replace(delivery, next_attempt=answer.attempt + 1)
            return _ended(used, DeliveryState.UNDELIVERABLE)
        case DeliveryOutcome.GONE:
            return _ended(_counted(delivery, answer), DeliveryState.GONE)
        case DeliveryOutcome.DELIVERED:
            raise AssertionError("a success is judged before")
        case _:
            assert_never(answer.outcome)


def _counted(delivery: DeliveryNow, answer: Answer) -> DeliveryNow:
    return replace(
        delivery, attempts=delivery.attempts + 1, next_attempt=max(delivery.next_attempt, answer.attempt + 1)
    )


def _ended(delivery: DeliveryNow, state: DeliveryState) -> DeliveryNow:
    return replace(delivery, state=state, asked=False, due_in_seconds=None)


def _deferred(delivery: DeliveryNow, answer: Answer) -> DeliveryNow:
    if not delivery.asked:  # a repeat: the next one is due already
        return delivery
    asked_seconds = DEFER_SECONDS if answer.retry_after_seconds is None else answer.retry_after_seconds
    due_in_seconds = within_reason(asked_seconds)
    return replace(delivery, asked=False, due_in_seconds=due_in_seconds, at_any_age=answer.too_old)


def _failed(delivery: DeliveryNow, answer: Answer, schedule: Sequence[float], chance: float) -> DeliveryNow:
    made = delivery.attempts - delivery.schedule_from
    if made >= len(schedule):
        return _ended(delivery, DeliveryState.EXHAUSTED)
    spread_seconds = schedule[made] * (1 - JITTER + 2 * JITTER * chance)
    wait_seconds = max(spread_seconds, within_reason(answer.retry_after_seconds))
    return replace(delivery, state=DeliveryState.RETRYING, asked=False, due_in_seconds=wait_seconds)
