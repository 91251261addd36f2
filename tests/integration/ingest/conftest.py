"""One broker for these tests. Some of them freeze or stop it, and leave it as they found it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.worlds.ingest_service import Broker, IngestProcess, own_broker, running_ingest


@pytest.fixture(scope="package")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    with own_broker(tmp_path_factory.mktemp("ingest-kafka")) as broker:
        yield broker


@pytest.fixture
async def ingest(broker: Broker, tmp_path: Path) -> AsyncIterator[IngestProcess]:
    async with running_ingest(broker, tmp_path / "store") as ingest:
        yield ingest
