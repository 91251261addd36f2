"""What an operator does to tables and store before the service runs. Each ends with a line for a person."""

import sys
from contextlib import suppress
from typing import NoReturn

import psycopg
import uvloop

from services.status.cleanup.store_marks import StoreMarks
from services.status.postgres.migrate import migrate
from services.status.postgres.pool import connected, open_pool
from services.status.postgres.sessions import require_sessions
from services.status.settings import Settings
from shared.outcomes import Away
from shared.store import open_store

POSTGRES_DSN = "POSTGRES_DSN"
EXIT_AWAY = 69  # EX_UNAVAILABLE


def bring_up_to_date(dsn: str) -> None:
    """The tables."""
    with suppress(Away):  # told below
        uvloop.run(require_sessions(POSTGRES_DSN, dsn))
    try:
        steps = migrate(dsn)
    except psycopg.OperationalError as error:
        _exit_with(f"the database is not reachable: {str(error).splitlines()[0]}", EXIT_AWAY)
    print(f"{steps} migration steps applied")  # noqa: T201 - a command's answer to a person


async def adopt_store(settings: Settings) -> None:
    """What the database does not know may be removed from the store from now on."""
    marks = StoreMarks(open_store(settings.store_url, settings.store_keys))
    try:
        await require_sessions(POSTGRES_DSN, settings.postgres_dsn)
        async with open_pool(settings.postgres_dsn) as pool, connected(pool) as connection:
            await marks.renew(connection)
    except Away as away:
        _exit_with(str(away), EXIT_AWAY)
    print("what this database does not know may be removed from the store")  # noqa: T201 - as above


def _exit_with(line: str, code: int) -> NoReturn:
    print(line, file=sys.stderr)  # noqa: T201 - one line for a person, before anything runs
    raise SystemExit(code)
