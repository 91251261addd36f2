"""One time for Postgres and for Python, which moves only when the scheduler says so.

In a simulated database `now()` is a function of ours: the search path finds it before Postgres's own.
"""

import sys
import time as real_time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import psycopg
from psycopg import sql

from services.status.postgres.migrate import migrate

BEGINNING = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
WATCHED = ("services.status", "services.notifier")  # whose modules ask this time and no other

_SCHEMA = """
CREATE SCHEMA simulated;
CREATE TABLE simulated.time (at timestamptz NOT NULL);
CREATE FUNCTION simulated.now() RETURNS timestamptz LANGUAGE sql STABLE AS 'SELECT at FROM simulated.time';
CREATE FUNCTION simulated.clock_timestamp() RETURNS timestamptz LANGUAGE sql STABLE
    AS 'SELECT at FROM simulated.time';
"""


def simulated_database(server_dsn: str) -> str:
    """A new database of this server with status's tables, in which our time rules; returns its DSN."""
    name = f"simulated_{uuid4().hex[:12]}"
    with psycopg.connect(server_dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    dsn = urlsplit(server_dsn)._replace(path=f"/{name}").geturl()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(_SCHEMA)
        connection.execute("INSERT INTO simulated.time VALUES (%s)", (BEGINNING,))
        path = sql.SQL("ALTER DATABASE {} SET search_path = public, simulated, pg_catalog")
        connection.execute(path.format(sql.Identifier(name)))
    migrate(dsn)  # now, so that defaults, views and functions of the tables ask the same time
    return dsn


@dataclass(slots=True)
class SimulatedTime:
    now: datetime = BEGINNING

    def monotonic(self) -> float:
        return 1_000.0 + (self.now - BEGINNING).total_seconds()

    async def pass_by(self, seconds: float, pool: asyncpg.Pool) -> None:
        self.now += timedelta(seconds=seconds)
        await pool.execute("UPDATE simulated.time SET at = $1", self.now)

    @contextmanager
    def rules(self) -> Iterator[None]:
        """Every module of the watched services that asks `time` asks this one, while the block runs."""
        asked = SimpleNamespace(**{**vars(real_time), "monotonic": self.monotonic})
        asking = [
            module
            for name, module in sys.modules.items()
            if name.startswith(WATCHED) and getattr(module, "time", None) is real_time
        ]
        for module in asking:
            vars(module)["time"] = asked
        try:
            yield
        finally:
            for module in asking:
                vars(module)["time"] = real_time
