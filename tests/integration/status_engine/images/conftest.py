"""A second process for those tests that have two of one kind at work."""

from collections.abc import AsyncIterator

import pytest

from tests.worlds.services.engine_world import EngineWorld, open_engine


@pytest.fixture
async def twin(database: str, world: EngineWorld) -> AsyncIterator[EngineWorld]:
    """A second process beside the first, on the same database and store."""
    async with open_engine(database, store=world.store) as twin:
        yield twin
