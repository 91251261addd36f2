"""Every order of what can happen to an image and to a delivery keeps the promises; each promise is seen
broken where the rule is.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos.model import delivery_life, image_life
from chaos.model.explore import BrokenPromiseError, Promises, explore
from services.status.images import rules
from services.status.images.rules import ImageNow, Result
from services.status.records.states import ENDED_IMAGES, DeliveryState, ImageState
from services.status.webhooks import rules as delivery_rules
from services.status.webhooks.rules import Answer, DeliveryNow
from shared.contract.events import DeliveryOutcome, ImageOutcome

HOSTS = [image_life.SERVES_WELL, image_life.FAILS_AT_TIMES, image_life.HAS_NO_IMAGE]
Rule = Callable[[ImageNow, Result, int], ImageNow]


@pytest.mark.parametrize("host", HOSTS, ids=["serves well", "fails at times", "has no image"])
def test_an_image_keeps_its_promises_in_every_order_of_events(host: image_life.Host) -> None:
    """R09, R29"""
    found = explore(image_life.START, image_life.steps_with(host), image_life.PROMISES, depth=7)
    assert found.states > 1_000


def test_what_happens_to_us_fails_no_image_that_its_host_serves() -> None:
    """R29"""
    steps = image_life.steps_with(image_life.SERVES_WELL)
    explore(image_life.START, steps, image_life.GOOD_HOST, depth=8)


def test_a_delivery_keeps_its_promises_in_every_order_of_events() -> None:
    """R17"""
    found = explore(delivery_life.START, delivery_life.steps, delivery_life.PROMISES, depth=7)
    assert found.states > 1_000


def counts_answers_of_any_attempt(image: ImageNow, result: Result, run: int) -> ImageNow:
    return rules.judge(image, result._replace(attempt=image.attempt), run)


def takes_answers_of_earlier_runs(image: ImageNow, result: Result, run: int) -> ImageNow:
    return rules.judge(image, result._replace(run=run), run)


def judges_what_has_ended(image: ImageNow, result: Result, run: int) -> ImageNow:
    is_ended = image.state in ENDED_IMAGES
    return rules.judge(image._replace(state=ImageState.REQUESTED) if is_ended else image, result, run)


def takes_stale_for_a_failure(image: ImageNow, result: Result, run: int) -> ImageNow:
    if result.event is None or result.event.outcome is not ImageOutcome.STALE:
        return rules.judge(image, result, run)
    return rules.judge(
        image, result._replace(event=result.event.model_copy(update={"outcome": "failed"})), run
    )


def forgets_what_reached_nobody(image: ImageNow, result: Result, run: int) -> ImageNow:
    return image if result.reached_nobody else rules.judge(image, result, run)


def takes_silence_for_success(image: ImageNow, result: Result, run: int) -> ImageNow:
    after = rules.judge(image, result, run)
    return after._replace(state=ImageState.DONE) if result.event is None else after


@pytest.mark.parametrize(
    ("rule", "promises", "broken"),
    [
        (counts_answers_of_any_attempt, image_life.PROMISES, "an attempt counts once"),
        (takes_answers_of_earlier_runs, image_life.PROMISES, "a success was told"),
        (judges_what_has_ended, image_life.PROMISES, "an end is kept"),
        (takes_stale_for_a_failure, image_life.PROMISES, "a failure has its cause"),
        (takes_stale_for_a_failure, image_life.GOOD_HOST, "a good host fails no image, but for silence"),
        (takes_silence_for_success, image_life.PROMISES, "a success was told"),
        (forgets_what_reached_nobody, image_life.PROMISES, "an open image can still succeed"),
    ],
)
def test_a_wrong_rule_for_images_is_told_with_the_way_to_it(
    monkeypatch: pytest.MonkeyPatch, rule: Rule, promises: Promises[image_life.ImageLife], broken: str
) -> None:
    monkeypatch.setattr(image_life, "judge", rule)
    steps = image_life.steps_with(image_life.FAILS_AT_TIMES)
    with pytest.raises(BrokenPromiseError) as told:
        explore(image_life.START, steps, promises, depth=8)
    assert told.value.promise == broken
    assert told.value.way


def loses_a_success(delivery: DeliveryNow, answer: Answer, *how: object) -> DeliveryNow:
    is_delivered = delivery.state is DeliveryState.DELIVERED
    before = replace(delivery, state=DeliveryState.RETRYING) if is_delivered else delivery
    return delivery_rules.judge(before, answer, delivery_life.SCHEDULE, delivery_life.MIDDLE)


def counts_every_answer(delivery: DeliveryNow, answer: Answer, *how: object) -> DeliveryNow:
    now = replace(answer, attempt=delivery.next_attempt)
    return delivery_rules.judge(delivery, now, delivery_life.SCHEDULE, delivery_life.MIDDLE)


def never_gives_up(delivery: DeliveryNow, answer: Answer, *how: object) -> DeliveryNow:
    return delivery_rules.judge(delivery, answer, delivery_life.SCHEDULE * 3, delivery_life.MIDDLE)


def takes_a_deferral_for_nothing(delivery: DeliveryNow, answer: Answer, *how: object) -> DeliveryNow:
    after = delivery_rules.judge(delivery, answer, delivery_life.SCHEDULE, delivery_life.MIDDLE)
    is_deferred = answer.outcome is DeliveryOutcome.DEFERRED
    return replace(after, due_in_seconds=None, next_attempt=0) if is_deferred else after


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        (loses_a_success, "a delivery stays delivered"),
        (counts_every_answer, "only posts are counted"),
        (never_gives_up, "a schedule has an end"),
        (takes_a_deferral_for_nothing, "numbers only grow"),
    ],
)
def test_a_wrong_rule_for_deliveries_is_told_with_the_way_to_it(
    monkeypatch: pytest.MonkeyPatch, rule: Callable[..., DeliveryNow], broken: str
) -> None:
    monkeypatch.setattr(delivery_life, "judge", rule)
    with pytest.raises(BrokenPromiseError) as told:
        explore(delivery_life.START, delivery_life.steps, delivery_life.PROMISES, depth=9)
    assert told.value.promise == broken
