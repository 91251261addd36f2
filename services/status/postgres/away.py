"""Tells a database that is away from a mistake in a statement."""

from collections.abc import Iterator
from contextlib import contextmanager

from asyncpg import exceptions as pg

from shared.outcomes import Away

# Everything here passes by itself, or by an operator's hand; none of it says that a statement was wrong.
AWAY = (
    OSError,  # TimeoutError is one
    pg.PostgresConnectionError,
    pg.OperatorInterventionError,  # shutting down, starting up, cancelled by a time-out
    pg.InsufficientResourcesError,  # disk full, too many connections
    pg.LockNotAvailableError,
    pg.TransactionRollbackError,  # deadlock, serialization
    pg.InvalidAuthorizationSpecificationError,
    pg.InvalidCatalogNameError,
    pg.IdleInTransactionSessionTimeoutError,
    pg.ReadOnlySQLTransactionError,  # a standby in a failover; its disk was found full
    pg.PostgresSystemError,
    pg.InternalClientError,  # the connection broke in the middle of an answer
    pg.InvalidCachedStatementError,  # a table was changed between a plan and its use
)
# A message that comes meanwhile is as good as any other. What is wrong in a statement is found by its tests.
_OF_ANOTHER_VERSION = (
    pg.UndefinedTableError,
    pg.UndefinedColumnError,
    pg.UndefinedFunctionError,
    pg.UndefinedObjectError,
    pg.InvalidColumnReferenceError,  # of an index that is not there
    pg.InsufficientPrivilegeError,  # somebody else migrated them
)


@contextmanager
def away_as_such() -> Iterator[None]:
    try:
        yield
    except AWAY as error:
        raise Away("database", _reason(error)) from error
    except _OF_ANOTHER_VERSION as error:
        why = f"its tables are not those of this version, or not ours: {_reason(error)}"
        raise Away("database", why) from error
    except pg.InterfaceError as error:
        # "connection is closed", "pool is closing", and "released back to the pool" when it broke while idle.
        # Anything else is a mistake of ours.
        if "clos" not in str(error) and "released" not in str(error):
            raise
        is_lost = "connection is closed" in str(error) or "released" in str(error)
        raise Away("database", "the connection was lost" if is_lost else _reason(error)) from error


def _reason(error: BaseException) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
