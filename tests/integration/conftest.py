"""What several folders of these tests ask for."""

from collections.abc import Iterator

import pytest

from deploy.local.testing import RunningServer, postgres_server


@pytest.fixture(scope="module")
def own_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, RunningServer]]:
    """A server of one file's own, to be stopped and frozen."""
    with postgres_server(tmp_path_factory.mktemp("postgres")) as (server, running):
        yield server.dsn, running
