"""The pool of connections to Postgres, and its transactions and locks, with a time-out on everything."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import asyncpg
from asyncpg import exceptions as pg
from asyncpg.pool import PoolConnectionProxy
from asyncpg.transaction import Transaction

from services.status.postgres.away import AWAY, away_as_such
from services.status.postgres.known_types import KnowingConnection
from shared.patience import Patience

CONNECT_SECONDS = 1.5
TURN_SECONDS = 15.0  # for one of the pool's connections while all are at work: ours, and Postgres is not away
STATEMENT_SECONDS = 20.0
LOCK_SECONDS = 10.0
ENGINE_CONNECTIONS = 12
"""Work on requests holds up to nine for minutes, its turns one more, and the dispatcher another: all others
take one for moments.
"""
READERS_CONNECTIONS = 6
LEADER_IDLE_SECONDS = 20  # longer than any wait for the broker
TAKE_LOCK = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))"  # of the session, by this name
_FREE = "SELECT pg_advisory_unlock_all(); RESET idle_session_timeout"
PLANNING = {
    "jit": "off",
    # Statements are short and come again and again: to plan one takes longer than to run it.
    "plan_cache_mode": "force_generic_plan",
    # A plan outlives what it was made for: a period that was empty then is the one that fills now.
    "enable_seqscan": "off",
    # It marks nothing dead, so each look at what is in flight would read all that was in flight before.
    "enable_bitmapscan": "off",
}
"""How Postgres makes its plans for us."""

if TYPE_CHECKING:
    Connection = PoolConnectionProxy[asyncpg.Record]
else:  # generic in its stubs only
    Connection = PoolConnectionProxy


@asynccontextmanager
async def open_pool(
    dsn: str,
    *,
    largest: int = ENGINE_CONNECTIONS,
    statement_seconds: float = STATEMENT_SECONDS,
    connection_class: type[asyncpg.Connection] = KnowingConnection,
) -> AsyncIterator[asyncpg.Pool]:
    """A pool that connects when it is first needed, so that a service starts while Postgres is away.

    Giving a connection back costs no round trip: who takes a lock of the session gives it back himself. A
    simulation has a class of connections that break when it wants.
    """
    pool = asyncpg.create_pool(
        dsn,
        min_size=0,
        max_size=largest,
        timeout=CONNECT_SECONDS,
        command_timeout=statement_seconds,
        init=_teach_json,
        connection_class=connection_class,
        reset=_leave_as_it_is,
        server_settings=connection_settings(statement_seconds),
    )
    async with pool_ends(pool):
        yield pool


def connection_settings(statement_seconds: float) -> dict[str, str]:
    return {
        "application_name": "pixmill-status",
        **PLANNING,
        "lock_timeout": f"{LOCK_SECONDS}s",
        "statement_timeout": f"{statement_seconds}s",
        # A process that is frozen in a transaction must not hold its locks for ever.
        "idle_in_transaction_session_timeout": "15s",
        # Nor one that is cut off, in the middle of a statement.
        "tcp_keepalives_idle": "10",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "4",
        "tcp_user_timeout": "30s",
    }


@asynccontextmanager
async def pool_ends(pool: asyncpg.Pool) -> AsyncIterator[None]:
    with away_as_such():
        await pool
    try:
        yield
    finally:
        try:
            await asyncio.wait_for(pool.close(), CONNECT_SECONDS)
        except (TimeoutError, *AWAY):
            pool.terminate()


@asynccontextmanager
async def connected(pool: asyncpg.Pool, *, wait_seconds: float = TURN_SECONDS) -> AsyncIterator[Connection]:
    """A connection for a few statements; raises `Away` when Postgres does not answer."""
    with away_as_such():
        with Patience(wait_seconds):  # the library's own time-out would begin a task
            connection = await pool.acquire()
        try:
            yield connection
        except pg.ReadOnlySQLTransactionError:
            # A session keeps what it began with, when the database may be written again too.
            end_connection(connection)
            raise
        finally:
            await give_back(connection, CONNECT_SECONDS)


async def give_back(connection: Connection, patience_seconds: float) -> None:
    """As the pool does itself, but without a task that shields it, which takes three turns of the event loop.
    It waits only for a transaction that is open or a statement that is being cancelled, and ends a connection
    that takes longer; so does who is cancelled meanwhile.
    """
    inner = connection._con  # type: ignore[attr-defined] # noqa: SLF001 - no other way; None once it has ended
    if inner is not None:
        inner._on_release()  # noqa: SLF001 - as above
        with suppress(TimeoutError):  # what came before tells how the work ended, as a cancellation
            await connection._holder.release(patience_seconds)  # noqa: SLF001 - as above


@asynccontextmanager
async def transaction(pool: asyncpg.Pool, *, wait_seconds: float = TURN_SECONDS) -> AsyncIterator[Connection]:
    """One transaction, for Postgres alone: nothing inside it waits for the broker or the store."""
    async with connected(pool, wait_seconds=wait_seconds) as connection, all_or_nothing(connection):
        yield connection


@asynccontextmanager
async def all_or_nothing(connection: Connection) -> AsyncIterator[None]:
    """A transaction of a connection that one has. As the library's own, which would wait for a frozen server
    to roll back.
    """
    begun = connection.transaction()
    await begun.__aenter__()  # `start` makes an error in the log of one that is cancelled in it
    try:
        yield
    except BaseException as error:
        await _roll_back(connection, begun, error)
        raise
    await begun.__aexit__(None, None, None)


async def _roll_back(connection: Connection, begun: Transaction, error: BaseException) -> None:
    """Where Postgres cannot be told, the connection ends, and the transaction with it."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await begun.__aexit__(type(error), error, None)
    except (*AWAY, pg.InterfaceError):
        end_connection(connection)


@asynccontextmanager
async def exclusive(pool: asyncpg.Pool, purpose: str) -> AsyncIterator[Connection | None]:
    """A connection that holds the lock of this purpose among all processes, or None while another has it.

    The lock goes with the connection: at once when the process dies, soon when it is frozen.
    """
    async with connected(pool) as connection:
        taken = await connection.fetchval(TAKE_LOCK, purpose)
        if not taken:
            yield None
            return
        try:
            await connection.execute(f"SET idle_session_timeout = '{LEADER_IDLE_SECONDS}s'")
            yield connection
        finally:
            await free_of_locks(connection, CONNECT_SECONDS)


async def free_of_locks(connection: Connection, patience_seconds: float) -> None:
    """Nobody who gets this connection next has a lock by it. Where Postgres cannot be told, it ends."""
    try:
        await connection.execute(_FREE, timeout=patience_seconds)
    except (*AWAY, pg.InterfaceError):
        end_connection(connection)
    except BaseException:
        end_connection(connection)
        raise


def end_connection(connection: Connection) -> None:
    with suppress(pg.InterfaceError):  # it has ended already
        connection.terminate()


async def _leave_as_it_is(_: Any) -> None:
    """An open transaction is rolled back all the same."""


async def _teach_json(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: b"\x01" + json.dumps(value, ensure_ascii=False).encode(),
        decoder=lambda data: json.loads(data[1:]),
        format="binary",  # COPY takes nothing else
    )
