"""What a reader sees of deliveries: every answer of the notifier has a line of its own."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest

from services.status.requests import changes
from services.status.requests.changes import Verdict
from shared.contract.events import DeliveryOutcome, WebhookAttempted, WebhookRetry
from shared.testing.fakes import LONG_AGO
from tests.worlds.services.engine_events import done
from tests.worlds.services.engine_world import EngineWorld, open_engine
from tests.worlds.services.status_world import StatusWorld, open_world


@pytest.fixture
async def world(database: str) -> AsyncIterator[StatusWorld]:
    async with open_world(database) as world:
        world.tenant = "local"  # whose requests the engine below accepts
        yield world


@pytest.fixture
async def engine(database: str) -> AsyncIterator[EngineWorld]:
    async with open_engine(database, webhook_schedule="0,5") as engine:
        yield engine


async def ended(engine: EngineWorld) -> tuple[UUID, UUID]:
    """A request whose completion is on its topic, and the id of its delivery."""
    request_id = await engine.accept([["https://a/1.jpg"]])
    await engine.plan()
    await engine.handle(*map(done, await engine.dispatch()))
    await engine.end()
    return request_id, engine.completions(request_id)[0].event.event_id()


async def answer(
    engine: EngineWorld,
    ids: tuple[UUID, UUID],
    attempt: int,
    outcome: DeliveryOutcome,
    error: str | None = None,
) -> None:
    request_id, webhook_id = ids
    await engine.handle(
        WebhookAttempted(
            request_id=request_id,
            webhook_id=webhook_id,
            attempt=attempt,
            outcome=outcome,
            attempted_at=LONG_AGO,
            error=error,
        )
    )


async def deliveries(world: StatusWorld, request_id: UUID) -> dict[str, Any]:
    (item,) = (await world.get(f"/v1/requests/{request_id}/deliveries")).json()["items"]
    shown: dict[str, Any] = item
    return shown


async def asked_by_hand(engine: EngineWorld, request_id: UUID) -> int:
    assert await changes.redeliver(engine.pool, "local", request_id) is Verdict.ACCEPTED
    await engine.step("deliveries")
    return engine.producer.events(WebhookRetry)[-1].attempt


async def test_what_cannot_be_delivered_says_why_and_later_posts_do_not_vanish_behind_it(
    world: StatusWorld, engine: EngineWorld
) -> None:
    """R17"""
    ids = await ended(engine)
    for number in (1, 2):
        await answer(engine, ids, number, DeliveryOutcome.UNDELIVERABLE, "malformed_url: it cannot be read")
        shown = await deliveries(world, ids[0])
        assert (shown["state"], shown["attempts"], len(shown["log"])) == ("undeliverable", 0, number)
        assert shown["log"][-1]["error"] == "malformed_url: it cannot be read"
        assert await asked_by_hand(engine, ids[0]) == number + 1
    await answer(engine, ids, 3, DeliveryOutcome.DELIVERED)
    shown = await deliveries(world, ids[0])
    assert (shown["state"], shown["attempts"]) == ("delivered", 1)
    assert [line["outcome"] for line in shown["log"]] == ["undeliverable", "undeliverable", "delivered"]


async def test_one_attempt_that_was_answered_twice_and_differently_shows_both_answers(
    world: StatusWorld, engine: EngineWorld
) -> None:
    """R17: the notifier died after a post, and the message came again."""
    ids = await ended(engine)
    for outcome in (DeliveryOutcome.UNDELIVERABLE, DeliveryOutcome.FAILED, DeliveryOutcome.DELIVERED):
        for _ in range(2):  # a repeat of the same answer is one line
            await answer(engine, ids, 1, outcome)
    shown = await deliveries(world, ids[0])
    assert shown["state"] == "delivered"
    assert sorted(line["outcome"] for line in shown["log"]) == ["delivered", "failed", "undeliverable"]


async def posts_asked(engine: EngineWorld) -> list[int]:
    """The numbers of the attempts that the notifier is asked for from now on."""
    before = len(engine.producer.events(WebhookRetry))
    await engine.step("deliveries")
    return [each.attempt for each in engine.producer.events(WebhookRetry)[before:]]


async def test_what_is_sent_again_while_a_post_is_under_way_is_not_posted_twice_at_once(
    world: StatusWorld, engine: EngineWorld
) -> None:
    """R17: the schedule begins anew all the same."""
    ids = await ended(engine)
    assert await changes.redeliver(engine.pool, "local", ids[0]) is Verdict.ACCEPTED
    assert await posts_asked(engine) == []  # the completion itself asked for the first
    for number in (1, 2):
        await answer(engine, ids, number, DeliveryOutcome.FAILED)
    assert (await deliveries(world, ids[0]))["state"] == "exhausted"
    for expected in ([3], []):
        assert await changes.redeliver(engine.pool, "local", ids[0]) is Verdict.ACCEPTED
        assert await posts_asked(engine) == expected
    await answer(engine, ids, 3, DeliveryOutcome.FAILED)
    assert (await deliveries(world, ids[0]))["state"] == "retrying"
    assert await changes.redeliver(engine.pool, "local", ids[0]) is Verdict.ACCEPTED
    assert await posts_asked(engine) == [4]  # at once, for nothing was under way


async def test_the_deliveries_of_many_runs_are_paged(world: StatusWorld) -> None:
    request_id = await world.add_request(state="completed", completed_at=LONG_AGO, run=5)
    await world.pool.execute(
        "INSERT INTO deliveries (webhook_id, request_id, run)"
        " SELECT gen_random_uuid(), $1, n FROM generate_series(1, 5) n",
        request_id,
    )
    runs: list[int] = []
    cursor = "0"
    while cursor:
        path = f"/v1/requests/{request_id}/deliveries?limit=2&cursor={cursor}"
        body = (await world.get(path)).json()
        runs += [item["run"] for item in body["items"]]
        cursor = body["next"]
    assert runs == [1, 2, 3, 4, 5]
