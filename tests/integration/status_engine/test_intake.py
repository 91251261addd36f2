"""An overflow: above the limit csv.accepted waits, and goes on by itself when enough has ended."""

import uuid
from collections.abc import AsyncIterator

import pytest

from shared.contract.events import Topic
from tests.worlds.engine_world import EngineWorld, done, empty, open_engine

MOST_IMAGES = 10


@pytest.fixture
async def world(database: str) -> AsyncIterator[EngineWorld]:
    async with open_engine(database, max_backlog_images=MOST_IMAGES) as world:
        await empty(world.pool)
        yield world


def admits(world: EngineWorld) -> int:
    return world.engine.admits[Topic.CSV_ACCEPTED]()


def products(count: int) -> list[list[str]]:
    return [[f"https://a/{number}.jpg"] for number in range(count)]


async def test_nothing_is_accepted_before_it_is_known_how_much_is_open(world: EngineWorld) -> None:
    assert admits(world) == 0
    await world.step("intake")
    assert admits(world) == 1


async def test_too_many_open_images_hold_the_topic_until_enough_have_ended(world: EngineWorld) -> None:
    """R18"""
    await world.step("intake")
    request_id = uuid.uuid4()
    await world.accept(products(MOST_IMAGES - 1), request_id=request_id)
    assert admits(world) == 1
    await world.accept(products(MOST_IMAGES - 1), request_id=request_id)  # delivered again: counted once
    assert admits(world) == 1
    await world.accept(products(1))
    assert admits(world) == 0  # at once, not only after the next count
    await world.plan()
    asked = await world.dispatch()
    await world.handle(done(asked[0]))
    await world.step("intake")
    assert admits(world) == 0  # nine of ten is not enough less
    await world.handle(*map(done, asked[1:3]))
    await world.step("intake")
    assert admits(world) == 1


async def test_another_process_sees_what_is_open(world: EngineWorld, database: str) -> None:
    await world.step("intake")
    await world.accept(products(MOST_IMAGES))
    async with open_engine(database, max_backlog_images=MOST_IMAGES) as twin:
        await twin.step("intake")
        assert admits(twin) == 0
