"""The process over a broker that some of these tests freeze or stop, and leave as they found it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.worlds.services.ingest_service import Broker, IngestProcess, running_ingest


@pytest.fixture
def broker(breakable_kafka: Broker) -> Broker:
    return breakable_kafka


@pytest.fixture
async def ingest(broker: Broker, tmp_path: Path) -> AsyncIterator[IngestProcess]:
    async with running_ingest(broker, tmp_path / "store") as ingest:
        yield ingest
