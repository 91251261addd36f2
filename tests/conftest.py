"""The real parts that every ring of tests may ask for: one broker and one database a session."""

import signal
from collections.abc import Iterator

import hypothesis
import pytest
import structlog
from PIL import Image

from deploy.local.testing import kafka_broker, postgres_server
from shared.observing import looks
from shared.observing.logs import configure_logs
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.postgres.databases import new_database

# Tests that run in the background ignore Ctrl-C, and so would every command that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run: what fails is the change. None has a time limit: the machine may be busy.
hypothesis.settings.register_profile(
    "steady", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("steady")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap address of a real broker without topics."""
    with kafka_broker(tmp_path_factory.mktemp("kafka")) as (broker, _):
        yield broker.bootstrap


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The DSN of a real, empty database; its role may create further ones."""
    with postgres_server(tmp_path_factory.mktemp("postgres")) as (server, _):
        yield server.dsn
        assert b"was terminated by signal 11" not in server.log.read_bytes(), "a statement ended Postgres"


@pytest.fixture(scope="module")
def database(postgres: str) -> str:
    """The DSN of a database with status's tables, of this file's own."""
    return new_database(postgres)


@pytest.fixture(scope="session", autouse=True)
def logs_as_in_production() -> None:
    """What is logged unconfigured prints every local variable of a traceback, which takes seconds."""
    configure_logs("test", "ERROR")
    structlog.configure(cache_logger_on_first_use=False)  # a test may capture what is logged


@pytest.fixture(autouse=True)
def disks_are_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine: a disk that is well answers, sooner or later."""
    monkeypatch.setattr(looks, "ANSWER_SECONDS", DEADLINE_SECONDS)


@pytest.fixture(autouse=True)
def pixel_limit_of_one_test(monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder sets Pillow's pixel limit for its whole process; here it ends with the test."""
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", Image.MAX_IMAGE_PIXELS)
