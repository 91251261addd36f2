"""One webhook between scheduler, topics, notifier and sweeper, over the real rule for its answers (pure).

A message that was published may be taken any number of times, and posts each time; an answer may be read any
number of times and in any order; either may be lost.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chaos.model.explore import Promises
from services.status.records.states import OPEN_DELIVERIES, DeliveryState
from services.status.webhooks.rules import Answer, DeliveryNow, judge
from shared.contract.events import DeliveryOutcome

SCHEDULE = (0.0, 5.0)
MIDDLE = 0.5  # of the spread
REPLAYS = 1  # as often somebody asks for it again

Told = tuple[int, DeliveryOutcome]  # of which attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryLife:
    """Everything that can make a difference to what comes."""

    delivery: DeliveryNow
    asked: frozenset[int]  # attempts to be made at any time
    answers: frozenset[Told] = frozenset()  # written, and therefore to be read at any time
    replays: int = 0


START = DeliveryLife(delivery=DeliveryNow(), asked=frozenset({1}))  # which lies in the completion
NO_POST = {DeliveryOutcome.DEFERRED, DeliveryOutcome.UNDELIVERABLE}


def steps(life: DeliveryLife) -> Iterable[tuple[str, DeliveryLife]]:
    for attempt in sorted(life.asked):
        yield from _made(life, attempt)
    for attempt, outcome in sorted(life.answers):
        judged = judge(life.delivery, Answer(attempt, outcome), SCHEDULE, MIDDLE)
        yield f"read {outcome} of {attempt}", replace(life, delivery=judged)
    yield from _asked(life)
    yield from _replayed(life)


def _made(life: DeliveryLife, attempt: int) -> Iterable[tuple[str, DeliveryLife]]:
    for outcome in DeliveryOutcome:
        told = (attempt, outcome)
        if told not in life.answers:
            yield f"{outcome} by {attempt}", replace(life, answers=life.answers | {told})
    yield f"lose the message {attempt}", replace(life, asked=life.asked - {attempt})


def _asked(life: DeliveryLife) -> Iterable[tuple[str, DeliveryLife]]:
    delivery = life.delivery
    if delivery.state not in OPEN_DELIVERIES:
        return
    if delivery.due_in_seconds is not None:
        marked = replace(delivery, asked=True, due_in_seconds=None)
        asked = life.asked | {delivery.next_attempt}
        yield f"ask {delivery.next_attempt}", replace(life, delivery=marked, asked=asked)
        yield f"ask {delivery.next_attempt} and die", replace(life, asked=asked)
    elif delivery.next_attempt not in life.asked:  # the broker says that nothing is left to take
        yield "sweep: never answered", replace(life, delivery=replace(delivery, due_in_seconds=0.0))


def _replayed(life: DeliveryLife) -> Iterable[tuple[str, DeliveryLife]]:
    """As `redeliver` does: the schedule begins anew, and the next attempt is due unless it is on its way."""
    delivery = life.delivery
    if delivery.state is DeliveryState.DELIVERED or life.replays == REPLAYS:
        return
    is_on_its_way = delivery.state in OPEN_DELIVERIES and delivery.asked
    again = replace(
        delivery,
        state=DeliveryState.RETRYING,
        schedule_from=delivery.attempts,
        next_attempt=max(delivery.next_attempt, delivery.attempts + 1),
        asked=is_on_its_way,
        due_in_seconds=None if is_on_its_way else 0.0,
    )
    yield "somebody asks for it again", replace(life, delivery=again, replays=life.replays + 1)


def a_delivery_stays_delivered(before: DeliveryLife, after: DeliveryLife) -> bool:
    return before.delivery.state is not DeliveryState.DELIVERED or before.delivery == after.delivery


def numbers_only_grow(before: DeliveryLife, after: DeliveryLife) -> bool:
    was, now = before.delivery, after.delivery
    return now.attempts in {was.attempts, was.attempts + 1} and now.next_attempt >= was.next_attempt


def only_posts_are_counted(life: DeliveryLife) -> bool:
    """One message that was taken twice makes two posts."""
    return life.delivery.attempts <= sum(outcome not in NO_POST for _, outcome in life.answers)


def a_schedule_has_an_end(life: DeliveryLife) -> bool:
    delivery = life.delivery
    return delivery.state not in OPEN_DELIVERIES or delivery.attempts - delivery.schedule_from < len(SCHEDULE)


def an_open_delivery_goes_on(life: DeliveryLife) -> bool:
    """Nothing waits for ever: it is due, or on its way, or the sweeper sees that it was lost."""
    delivery = life.delivery
    if delivery.state not in OPEN_DELIVERIES:
        return True
    names = {name for name, _ in steps(life)}
    on_its_way = any(name.endswith(f"by {delivery.next_attempt}") for name in names)
    unread = any(attempt == delivery.next_attempt for attempt, _ in life.answers)
    return on_its_way or unread or any(name.startswith(("ask", "sweep")) for name in names)


PROMISES = Promises(
    of_steps={
        "a delivery stays delivered": a_delivery_stays_delivered,
        "numbers only grow": numbers_only_grow,
    },
    of_states={
        "only posts are counted": only_posts_are_counted,
        "a schedule has an end": a_schedule_has_an_end,
        "an open delivery goes on": an_open_delivery_goes_on,
    },
)
