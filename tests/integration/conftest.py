"""What several folders of these tests ask for."""

from collections.abc import Iterator

import pytest

from deploy.local.testing import RunningServer, postgres_server
from tests.worlds.services.ingest_service import Broker, own_broker


@pytest.fixture(scope="session")
def breakable_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, RunningServer]]:
    """A second server, to be stopped and frozen by tests that leave it as they found it."""
    with postgres_server(tmp_path_factory.mktemp("breakable-postgres")) as (server, running):
        yield server.dsn, running


@pytest.fixture(scope="session")
def breakable_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A second broker with every topic, for the same."""
    with own_broker(tmp_path_factory.mktemp("breakable-kafka")) as broker:
        yield broker
