"""A Postgres that takes a connection and then says nothing: who asked it something goes on in time."""

import asyncio
from typing import Any

import pytest

from services.status.postgres import listening, sessions
from services.status.postgres.listening import Listening
from services.status.postgres.sessions import require_sessions
from shared.outcomes import Away

DSN = "postgresql://unused"
SECONDS = 0.05


class Connection:
    """As the library's, whose questions wait for as long as they, or it, were told to."""

    def __init__(self, *, answers: bool, command_timeout: float | None = None, **_: object) -> None:
        self.answers, self.command_timeout = answers, command_timeout
        self.has_ended = False

    async def add_listener(self, *_: object) -> None:
        await self.fetchval()

    async def fetchval(self, *_: object, timeout: float | None = None) -> None:  # noqa: ASYNC109 - the library's
        if not self.answers:
            await asyncio.wait_for(asyncio.Event().wait(), timeout or self.command_timeout)

    def add_termination_listener(self, _: object) -> None: ...

    def is_closed(self) -> bool:
        return self.has_ended

    def terminate(self) -> None:
        self.has_ended = True

    async def close(self, **_: object) -> None:
        self.terminate()


class Postgres:
    def __init__(self) -> None:
        self.answers = False
        self.connections: list[Connection] = []

    async def connect(self, _: str, **options: Any) -> Connection:
        self.connections.append(Connection(answers=self.answers, **options))
        return self.connections[-1]


@pytest.fixture
def postgres(monkeypatch: pytest.MonkeyPatch) -> Postgres:
    postgres = Postgres()
    for module in (listening, sessions):
        monkeypatch.setattr(module, "CONNECT_SECONDS", SECONDS)
    monkeypatch.setattr("asyncpg.connect", postgres.connect)
    return postgres


async def test_a_connection_that_could_not_be_told_to_listen_is_none(postgres: Postgres) -> None:
    """R08: the next look found it open, and took it for one that hears: jobs looked no more by themselves."""
    hears = Listening(DSN)
    with pytest.raises(Away):
        await hears.connect("work", lambda _: None, lambda: None)
    postgres.answers = True
    assert await hears.connect("work", lambda _: None, lambda: None)
    assert not await hears.connect("work", lambda _: None, lambda: None)
    assert [each.has_ended for each in postgres.connections] == [True, False]


async def test_whoever_asks_for_sessions_waits_no_longer_for_a_word_than_for_a_connection(
    postgres: Postgres,
) -> None:
    """R08: a service that was told to stop meanwhile did not."""
    with pytest.raises(Away):
        await require_sessions("POSTGRES_DSN", DSN)
    assert postgres.connections[0].has_ended
