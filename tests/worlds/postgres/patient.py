"""Status' ways to Postgres for tests. Where its own process stands still for some seconds a job or a caller
of a service would try again, a test that asks once does not.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any
from unittest.mock import patch

import asyncpg

from services.status.postgres.bounded_reads import BoundedReads
from services.status.postgres.pool import open_pool
from tests.worlds.patience import DEADLINE_SECONDS


@asynccontextmanager
async def patient_pool(
    dsn: str, *, statement_seconds: float = DEADLINE_SECONDS, **options: Any
) -> AsyncIterator[asyncpg.Pool]:
    async with AsyncExitStack() as opened:
        with patch("services.status.postgres.pool.CONNECT_SECONDS", DEADLINE_SECONDS):
            pool = await opened.enter_async_context(
                open_pool(dsn, statement_seconds=statement_seconds, **options)
            )
        yield pool


def patient_reads(pool: asyncpg.Pool) -> BoundedReads:
    return BoundedReads(pool, DEADLINE_SECONDS)


@contextmanager
def patient_changes() -> Iterator[None]:
    """What a caller wants changed."""
    with (
        patch("services.status.api.actions.READ_SECONDS", DEADLINE_SECONDS),
        patch("services.status.requests.changes.CONNECT_SECONDS", DEADLINE_SECONDS),
    ):
        yield
