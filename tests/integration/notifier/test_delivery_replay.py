"""Status and notifier together, over a day of downtime and over a replay of all that the topic keeps."""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from services.notifier.deliveries import Attempt, DeliveryEvent
from services.notifier.handler import Dependencies, handle
from services.notifier.poster import Post
from services.notifier.receivers import Receivers
from services.notifier.verdict import answered
from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import EVENTS, TARGET_HEADER, WebhookAttempted, WebhookRetry
from shared.contract.targets import TargetKeyring
from tests.worlds.postgres.databases import new_database
from tests.worlds.services.engine_events import done
from tests.worlds.services.engine_world import EngineWorld, empty, open_engine

KEYRING = TargetKeyring([SecretStr(Fernet.generate_key().decode())])
TARGET = "https://shop.example/hook"
WEEK = timedelta(days=7)


@pytest.fixture
async def world(postgres: str) -> AsyncIterator[EngineWorld]:
    async with open_engine(new_database(postgres)) as world:
        await empty(world.pool)
        yield world


@dataclass
class Notifier:
    """A notifier that comes up at some moment, and keeps nothing from before."""

    posts: list[tuple[str, bytes]] = field(default_factory=list)
    status_code: int = 204

    async def post(self, post: Post) -> Attempt:
        self.posts.append((post.headers["webhook-id"], post.body))
        return answered(self.status_code, None, datetime.now(UTC))

    async def reads(self, messages: Sequence[Outgoing], now: datetime, world: EngineWorld) -> list[str]:
        """Answers what it reads at that moment, and tells status."""
        needs = Dependencies(
            targets=KEYRING,
            master_keys=[SecretStr("master")],
            poster=self,
            receivers=Receivers(time.monotonic),
            allowed=(),
            now=lambda: now,
        )
        told = [answer for each in messages for answer in await handle(_read(each), needs)]
        answers = [each.event for each in told if isinstance(each.event, WebhookAttempted)]
        for answer in answers:
            await world.handle(answer)
        return [answer.outcome.value for answer in answers]


def _read(message: Outgoing) -> Incoming[DeliveryEvent]:
    """As it comes off the topic."""
    event = EVENTS[message.event.TOPIC].parse(message.value)
    assert isinstance(event, DeliveryEvent)
    assert event.event_id() == message.event.event_id()
    return Incoming(
        event=event,
        time=message.time,
        value=message.value,
        headers=message.headers,
        topic=event.TOPIC,
    )


async def completed(world: EngineWorld, at: datetime) -> Outgoing:
    """The completion of a request that ended then, as it lies on the topic."""
    request_id = await world.accept([["https://a/1.jpg"]])
    await world.pool.execute(
        "UPDATE requests SET webhook_target = $2 WHERE id = $1", request_id, KEYRING.seal(TARGET)
    )
    await world.plan()
    await world.handle(*map(done, await world.dispatch()))
    await world.end()
    (completion,) = world.completions(request_id)
    assert KEYRING.open(completion.headers[TARGET_HEADER]) == TARGET
    return Outgoing(completion.event, at, completion.headers, completion.value)


async def asked_for(world: EngineWorld, at: datetime | None = None) -> list[Outgoing]:
    """What status asks for by webhook.retry, whenever that is due; as if it were that time, or now."""
    await world.pool.execute("UPDATE deliveries SET due_at = now() WHERE due_at IS NOT NULL")
    before = len(world.producer.published)
    while await world.step("deliveries"):
        pass
    asked = [each for each in world.producer.published[before:] if isinstance(each.event, WebhookRetry)]
    return [replace(each, time=at) for each in asked] if at else asked


def told(message: Outgoing) -> tuple[str, bytes]:
    return str(message.event.event_id()), message.value


async def states(world: EngineWorld) -> set[str]:
    return {row["state"] for row in await world.pool.fetch("SELECT DISTINCT state FROM deliveries")}


async def test_a_day_of_downtime_loses_no_delivery_and_repeats_none(world: EngineWorld) -> None:
    """R17."""
    now = datetime.now(UTC)
    delivered, *waiting = [await completed(world, now) for _ in range(4)]
    assert await Notifier().reads([delivered], now, world) == ["delivered"]

    tomorrow, notifier = now + timedelta(days=1), Notifier()
    assert await notifier.reads([delivered, *waiting], tomorrow, world) == ["deferred"] * 4
    assert notifier.posts == []
    asked = await asked_for(world, tomorrow)
    assert len(asked) == len(waiting)
    assert await notifier.reads(asked, tomorrow, world) == ["delivered"] * 3
    assert sorted(notifier.posts) == sorted(map(told, waiting))
    assert await states(world) == {"delivered"}
    assert await asked_for(world) == []


async def test_a_replay_of_seven_days_repeats_only_what_is_younger_than_an_hour(world: EngineWorld) -> None:
    """R17: and that with the same id and the same bytes."""
    now = datetime.now(UTC)
    ages = [timedelta(minutes=5), timedelta(minutes=59), timedelta(minutes=61), timedelta(days=1), WEEK]
    completions = [await completed(world, now - age) for age in ages]
    for completion in completions:
        await Notifier().reads([completion], completion.time, world)
    assert await states(world) == {"delivered"}

    notifier = Notifier()
    await notifier.reads(completions, now, world)
    assert notifier.posts == [told(completion) for completion in completions[:2]]
    assert await states(world) == {"delivered"}
    assert await asked_for(world) == []


async def test_a_replay_of_what_status_asked_for_posts_nothing_that_has_ended(world: EngineWorld) -> None:
    """R17: nor what is still open more than once: status asks for that anew."""
    now = datetime.now(UTC)
    later = now + timedelta(hours=2)
    completions = [await completed(world, now) for _ in range(3)]
    assert await Notifier(status_code=500).reads(completions, now, world) == ["failed"] * 3
    first, second, third = await asked_for(world, now)
    assert await Notifier().reads([first], now, world) == ["delivered"]
    assert await Notifier(status_code=410).reads([second], now, world) == ["gone"]

    notifier = Notifier()
    assert await notifier.reads([first, second, third] * 2, later, world) == ["deferred"] * 6
    assert notifier.posts == []
    (again,) = await asked_for(world, later)
    assert again.event.event_id() == third.event.event_id()
    assert await notifier.reads([again], later, world) == ["delivered"]
    assert await states(world) == {"delivered", "gone"}


async def test_a_replay_does_not_wake_a_delivery_that_ended_without_success(world: EngineWorld) -> None:
    """R17: 410 is for good; a replay later posts nothing and asks for nothing."""
    now = datetime.now(UTC)
    completion = await completed(world, now)
    assert await Notifier(status_code=410).reads([completion], now, world) == ["gone"]
    notifier = Notifier()
    await notifier.reads([completion], now + timedelta(hours=2), world)
    assert (notifier.posts, await asked_for(world), await states(world)) == ([], [], {"gone"})


async def test_a_notifier_whose_clock_is_hours_ahead_delivers_all_the_same(world: EngineWorld) -> None:
    """R29: it takes what asks for a delivery first for a replay, and not what asks anew."""
    now = datetime.now(UTC)
    ahead, notifier = now + timedelta(hours=3), Notifier()
    completion = await completed(world, now)
    assert await notifier.reads([completion], ahead, world) == ["deferred"]
    asked = await asked_for(world, now)
    assert await notifier.reads(asked, ahead, world) == ["delivered"]
    assert notifier.posts == [told(completion)]


async def test_a_retry_after_a_failure_may_be_a_replay_again(world: EngineWorld) -> None:
    now = datetime.now(UTC)
    later = now + timedelta(hours=3)
    await Notifier().reads([await completed(world, now)], later, world)
    assert await Notifier(status_code=500).reads(await asked_for(world, now), later, world) == ["failed"]
    notifier = Notifier()
    assert await notifier.reads(await asked_for(world, now), later, world) == ["deferred"]
    assert notifier.posts == []
