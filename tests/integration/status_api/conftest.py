"""The API over a database of each file's own; every test is a tenant of its own."""

from collections.abc import AsyncIterator

import pytest

from tests.worlds.services.status_world import StatusWorld, open_world


@pytest.fixture
async def world(database: str) -> AsyncIterator[StatusWorld]:
    async with open_world(database) as world:
        yield world
