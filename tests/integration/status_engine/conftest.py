"""The engine over a database of each file's own, emptied before each test."""

from collections.abc import AsyncIterator

import pytest

from tests.worlds.services.engine_world import EngineWorld, empty, open_engine


@pytest.fixture
async def world(database: str) -> AsyncIterator[EngineWorld]:
    async with open_engine(database) as world:
        await empty(world.pool)
        yield world
