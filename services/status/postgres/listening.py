"""A connection of its own that hears notices, made anew whenever it was lost. It knows no meaning of any."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import asyncpg

from services.status.postgres.away import away_as_such
from services.status.postgres.pool import CONNECT_SECONDS, connection_settings


@dataclass(slots=True)
class Listening:
    dsn: str
    _connection: asyncpg.Connection | None = None

    async def connect(self, channel: str, heard: Callable[[str], None], lost: Callable[[], None]) -> bool:
        """Says whether the connection is a new one: nobody knows what was told before."""
        if self._connection is not None and not self._connection.is_closed():
            return False
        with away_as_such():
            connection = await asyncpg.connect(
                self.dsn,
                timeout=CONNECT_SECONDS,
                command_timeout=CONNECT_SECONDS,
                server_settings=connection_settings(CONNECT_SECONDS),
            )
            self._connection = connection
            connection.add_termination_listener(lambda _: lost())
            with self._ended_by_failure():
                await connection.add_listener(channel, lambda _, __, ___, payload: heard(payload))
        return True

    async def execute(self, sql: str, *arguments: object) -> None:
        """Over the same connection, in bounded time."""
        connection = self._connection
        assert connection is not None  # noqa: S101 - `connect` came before
        with away_as_such(), self._ended_by_failure():
            await connection.execute(sql, *arguments)

    @contextmanager
    def _ended_by_failure(self) -> Iterator[None]:
        """The connection is: whether it still hears is not known."""
        try:
            yield
        except BaseException:
            self.end()
            raise

    def end(self) -> None:
        if self._connection is not None:
            self._connection.terminate()


@asynccontextmanager
async def open_listening(dsn: str) -> AsyncIterator[Listening]:
    """It connects when it is first needed."""
    listening = Listening(dsn)
    try:
        yield listening
    finally:
        listening.end()
