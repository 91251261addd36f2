"""Brings the tables to this release's shape. Safe when several processes begin it at once."""

import time
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
from psycopg import conninfo
from psycopg.errors import ReadOnlySqlTransaction
from yoyo import get_backend, read_migrations
from yoyo.backends import DatabaseBackend
from yoyo.internalmigrations import needs_upgrading
from yoyo.migrations import Migration

MIGRATIONS = Path(__file__).with_name("migrations")
LOOK_AGAIN_SECONDS = 0.2
_UNBOUND = "-c statement_timeout=0"  # a role's own bound is for who serves calls
_LOCK = "SELECT pg_try_advisory_lock(hashtextextended('pixmill migrations', 0))"


def migrate(dsn: str) -> int:
    """Applies what is missing, in order; returns how many steps that were. May be killed at any time."""
    # A lock of Postgres goes when its holder dies; that in yoyo's own table stays. So who has ours breaks it.
    with psycopg.connect(dsn, autocommit=True, connect_timeout=10) as guard:
        _wait_for_turn(guard)
        backend = get_backend(_yoyo_url(dsn))
        try:
            if guard.execute("SHOW transaction_read_only").fetchone() == ("off",):
                backend.break_lock()
            elif needs_upgrading(backend):  # yoyo's own tables
                raise ReadOnlySqlTransaction("it takes no writes")
            missing = backend.to_apply(read_migrations(str(MIGRATIONS)))
            for migration in missing:
                _apply(backend, migration)
            return len(missing)
        finally:
            backend.connection.close()


def _apply(backend: DatabaseBackend, migration: Migration) -> None:
    """It is done and noted as done at once: by whoever was killed in between it could never be applied again.
    What needs to be outside of a transaction is written so that it can.
    """
    migration.load()
    if not migration.use_transactions:
        backend.apply_one(migration)
        return
    with backend.transaction():
        migration.process_steps(backend, "apply")
        backend.mark_one(migration, log=False)
    backend.log_migration(migration, "apply")  # asks for this machine's name, which may take its time


def _wait_for_turn(guard: psycopg.Connection[tuple[object, ...]]) -> None:
    # One statement that waits would see an old state of the tables all the while, and an index that is made
    # concurrently waits for everybody who does.
    while guard.execute(_LOCK).fetchone() != (True,):
        time.sleep(LOOK_AGAIN_SECONDS)


def _yoyo_url(dsn: str) -> str:
    """All of it behind the ?, for yoyo reads one host and no escaped name."""
    asked = conninfo.conninfo_to_dict(dsn)
    options = f"{asked.get('options', '')} {_UNBOUND}".strip()
    return f"postgresql+psycopg:///?{urlencode(asked | {'options': options}, quote_via=quote)}"
