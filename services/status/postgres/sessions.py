"""Refuses a pooler where Postgres itself is needed: a pooler would lend status a session for one transaction
at a time, and locks and settings of a session would be lost, or another's.
"""

import asyncio
import secrets

import asyncpg
from asyncpg import exceptions as pg

from services.status.postgres.away import away_as_such
from services.status.postgres.pool import CONNECT_SECONDS
from shared.outcomes import Away
from shared.settings import WrongSetting
from shared.waits import wait_for_beat

ASK_AGAIN_SECONDS = 3.0
WHY_NOT = "it leads to PgBouncer or another pooler, which loses a session's settings and locks: name Postgres"
_SETTING = "pixmill.session"  # of no meaning to anybody
# A parameter of another driver's, as connect_timeout, a value that is none, and what `options` may not be.
_UNKNOWN = (
    pg.UndefinedObjectError,
    pg.InvalidParameterValueError,
    pg.CantChangeRuntimeParamError,
    pg.PostgresSyntaxError,
)


class PooledError(WrongSetting):
    """Whoever answers under the DSN of this setting keeps no sessions."""

    def __init__(self, setting: str) -> None:
        super().__init__(setting, WHY_NOT)


async def require_sessions(setting: str, dsn: str) -> None:
    """Raises `PooledError`, or `Away` where nobody answers."""
    said = secrets.token_hex(8)
    with away_as_such():
        try:
            connection = await asyncpg.connect(dsn, timeout=CONNECT_SECONDS, server_settings={_SETTING: said})
        except pg.ProtocolViolationError as error:
            if "startup parameter" in str(error):
                raise PooledError(setting) from error
            raise
        except _UNKNOWN as error:
            why = str(error).partition("\n")[0]  # a hint may follow
            raise WrongSetting(setting, f"Postgres refuses what stands behind its ?: {why}") from error
        try:
            question = "SELECT current_setting($1, true)"
            heard = await connection.fetchval(question, _SETTING, timeout=CONNECT_SECONDS)
        finally:
            await connection.close(timeout=CONNECT_SECONDS)
    if heard != said:
        raise PooledError(setting)


async def watch_sessions(setting: str, dsn: str, stopping: asyncio.Event) -> None:
    """Asks until somebody answers, since a service starts while Postgres is away."""
    while not stopping.is_set():
        try:
            await require_sessions(setting, dsn)
        except Away:
            await wait_for_beat(stopping, ASK_AGAIN_SECONDS)
        else:
            await stopping.wait()
