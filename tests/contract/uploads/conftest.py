"""One ingest over stores and a broker that are none."""

from collections.abc import AsyncIterator

import pytest

from tests.worlds.services.ingest_world import Ingest, open_ingest


@pytest.fixture
async def ingest() -> AsyncIterator[Ingest]:
    async with open_ingest() as ingest:
        yield ingest
