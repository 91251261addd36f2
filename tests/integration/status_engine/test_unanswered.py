"""R17, R29: a delivery that was asked for and never answered is asked for again."""

from datetime import UTC, datetime

import pytest

from services.status.webhooks.unanswered import YOUNG_SECONDS
from shared.contract.events import DeliveryOutcome, WebhookAttempted, WebhookRetry
from tests.worlds.services.engine_events import done
from tests.worlds.services.engine_world import EngineWorld

AGED = """
UPDATE deliveries SET asked_at = asked_at - make_interval(secs => $1)
"""
PUBLISHED_EARLIER = """
UPDATE completions SET published_at = published_at - make_interval(secs => $1)
"""


async def time_passes(world: EngineWorld) -> None:
    for sql in (AGED, PUBLISHED_EARLIER):
        await world.pool.execute(sql, YOUNG_SECONDS + 1)


async def announced(world: EngineWorld) -> None:
    await world.accept([["https://a/1.jpg"]])
    await world.plan()
    await world.handle(*map(done, await world.dispatch()))
    await world.end()
    await world.step("announcer")


async def retries(world: EngineWorld) -> list[int]:
    await world.step("unanswered")
    await world.step("deliveries")
    return [event.attempt for event in world.producer.events(WebhookRetry)]


async def test_what_the_notifier_never_answered_is_asked_for_again_once_it_has_nothing_left(
    world: EngineWorld,
) -> None:
    await announced(world)
    assert await retries(world) == []  # young, and on its way
    await time_passes(world)
    assert await retries(world) == []  # the notifier has not finished yet
    world.waiting.notifiers = 0
    assert await retries(world) == [1]
    assert await retries(world) == [1]  # it was asked a moment ago
    await time_passes(world)
    assert await retries(world) == [1, 1]  # lost once more


async def test_what_was_answered_is_not_asked_for_again(world: EngineWorld) -> None:
    await announced(world)
    world.waiting.notifiers = 0
    (row,) = await world.pool.fetch("SELECT webhook_id, request_id FROM deliveries")
    answer = WebhookAttempted(
        request_id=row["request_id"],
        webhook_id=row["webhook_id"],
        attempt=1,
        outcome=DeliveryOutcome.DELIVERED,
        attempted_at=datetime.now(UTC),
    )
    await world.handle(answer)
    await time_passes(world)
    assert await retries(world) == []


@pytest.mark.parametrize(("notifiers", "attempts"), [(1, 0), (0, 1)])
async def test_an_answer_that_is_on_its_way_is_waited_for(
    world: EngineWorld, notifiers: int, attempts: int
) -> None:
    await announced(world)
    world.waiting.notifiers, world.waiting.attempts = notifiers, attempts
    await time_passes(world)
    assert await retries(world) == []


async def test_an_answer_that_comes_during_the_look_stands_and_its_retry_waits_for_its_time(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await announced(world)
    (row,) = await world.pool.fetch("SELECT webhook_id, request_id FROM deliveries")
    answer = WebhookAttempted(
        request_id=row["request_id"],
        webhook_id=row["webhook_id"],
        attempt=1,
        outcome=DeliveryOutcome.FAILED,
        attempted_at=datetime.now(UTC),
        retry_after_seconds=3_600,
    )

    async def answered_now(*_: object) -> bool:
        await world.handle(answer)
        return True

    monkeypatch.setattr("services.status.webhooks.unanswered.is_nothing_left", answered_now)
    await time_passes(world)
    assert await retries(world) == []


async def test_what_is_not_yet_announced_is_not_asked_for(world: EngineWorld) -> None:
    """The first attempt is asked for by the completion itself."""
    await announced(world)
    world.waiting.notifiers = 0
    await world.pool.execute("UPDATE completions SET published_at = NULL")
    await time_passes(world)
    assert await retries(world) == []
