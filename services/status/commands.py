"""What an operator does to tables and store before the service runs. Each command ends with a line for a
person, and is handed what it works on.
"""

import sys
from contextlib import suppress
from typing import NoReturn

import asyncpg
import psycopg
import uvloop
from psycopg import conninfo
from psycopg.errors import ReadOnlySqlTransaction

from services.status.cleanup.store_marks import StoreMarks
from services.status.postgres.migrate import migrate
from services.status.postgres.pool import connected
from services.status.postgres.sessions import require_sessions
from services.status.settings import POSTGRES_DSN
from shared.outcomes import Away
from shared.settings import WrongSetting
from shared.store import Store

EXIT_AWAY = 69  # EX_UNAVAILABLE


def migrate_tables(dsn: str) -> None:
    try:
        conninfo.conninfo_to_dict(dsn)
    except psycopg.ProgrammingError as error:  # of what only the services' driver takes, as statement_timeout
        raise WrongSetting(POSTGRES_DSN, f"what migrates cannot read it{_why(error)}") from error
    with suppress(Away):  # told below
        uvloop.run(require_sessions(POSTGRES_DSN, dsn))
    try:
        steps = migrate(dsn)
    except ReadOnlySqlTransaction as error:
        _exit_with(f"the database is read-only: {str(error).splitlines()[0]}", EXIT_AWAY)
    except psycopg.OperationalError as error:
        _exit_with(f"the database is not reachable: {str(error).splitlines()[0]}", EXIT_AWAY)
    print(f"{steps} migration steps applied")  # noqa: T201 - a command's answer to a person


async def adopt_store(dsn: str, pool: asyncpg.Pool, store: Store) -> None:
    """What the database does not know may be removed from the store from now on."""
    try:
        await require_sessions(POSTGRES_DSN, dsn)
        async with connected(pool) as connection:
            await StoreMarks(store).renew(connection)
    except Away as away:
        _exit_with(str(away), EXIT_AWAY)
    print("what this database does not know may be removed from the store")  # noqa: T201 - as above


def _why(error: psycopg.ProgrammingError) -> str:
    """Only a name; what else it cannot read may be a part of the password, or all of the address."""
    line = str(error).splitlines()[0]
    return f": {line}" if line.startswith("invalid URI query parameter") else ""


def _exit_with(line: str, code: int) -> NoReturn:
    print(line, file=sys.stderr)  # noqa: T201 - one line for a person, before anything runs
    raise SystemExit(code)
