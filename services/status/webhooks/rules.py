"""What an answer of the notifier means for a delivery (pure): delivered for good, again later, or the end."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from services.status.records.states import OPEN_DELIVERIES, DeliveryState
from shared.contract.events import DeliveryOutcome
from shared.outbound.retry_after import within_reason

JITTER = 0.2
DEFER_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Delivery:
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0  # posts that were really made
    next_attempt: int = 1  # that was asked for, or will be
    schedule_from: int = 0  # attempts made before the schedule began (again)
    asked: bool = True  # an answer to next_attempt is awaited
    due_in_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    attempt: int
    outcome: DeliveryOutcome
    retry_after_seconds: float | None = None


def judge(delivery: Delivery, answer: Answer, schedule: Sequence[float], chance: float) -> Delivery:
    """The delivery after this answer; itself if it changes nothing. `chance`, 0 to 1, spreads retries."""
    if delivery.state is DeliveryState.DELIVERED:
        return delivery
    if answer.outcome is DeliveryOutcome.DELIVERED:  # of any attempt, however late
        return _ended(_counted(delivery, answer), DeliveryState.DELIVERED)
    if delivery.state not in OPEN_DELIVERIES or answer.attempt != delivery.next_attempt:
        return delivery
    return _unsuccessful(delivery, answer, schedule, chance)


def _unsuccessful(delivery: Delivery, answer: Answer, schedule: Sequence[float], chance: float) -> Delivery:
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


def _counted(delivery: Delivery, answer: Answer) -> Delivery:
    return replace(
        delivery, attempts=delivery.attempts + 1, next_attempt=max(delivery.next_attempt, answer.attempt + 1)
    )


def _ended(delivery: Delivery, state: DeliveryState) -> Delivery:
    return replace(delivery, state=state, asked=False, due_in_seconds=None)


def _deferred(delivery: Delivery, answer: Answer) -> Delivery:
    if not delivery.asked:  # a repeat: the next one is due already
        return delivery
    asked_seconds = DEFER_SECONDS if answer.retry_after_seconds is None else answer.retry_after_seconds
    return replace(delivery, asked=False, due_in_seconds=within_reason(asked_seconds))


def _failed(delivery: Delivery, answer: Answer, schedule: Sequence[float], chance: float) -> Delivery:
    made = delivery.attempts - delivery.schedule_from
    if made >= len(schedule):
        return _ended(delivery, DeliveryState.EXHAUSTED)
    spread_seconds = schedule[made] * (1 - JITTER + 2 * JITTER * chance)
    wait_seconds = max(spread_seconds, within_reason(answer.retry_after_seconds))
    return replace(delivery, state=DeliveryState.RETRYING, asked=False, due_in_seconds=wait_seconds)
