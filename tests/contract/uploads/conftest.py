"""One ingest whose store and broker are fakes, and the paths of its uploads."""

from collections.abc import AsyncIterator

import pytest

from tests.worlds.services.ingest_world import Ingest, open_ingest

UPLOAD_PATHS = ("/v1/requests", "/upload", "/upload/", "/api/upload", "/api/upload/")


@pytest.fixture
async def ingest() -> AsyncIterator[Ingest]:
    async with open_ingest() as ingest:
        yield ingest
