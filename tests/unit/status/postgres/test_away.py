"""What is said of a database that is away."""

import pytest
from asyncpg import exceptions as pg

from services.status.postgres.away import away_as_such
from shared.outcomes import Away


@pytest.mark.parametrize(
    "said",
    [
        "cannot call Connection.transaction(): connection has been released back to the pool",
        "cannot perform operation: connection is closed",
        "cannot call PreparedStatement.fetch(): the underlying connection is closed",
    ],
)
def test_of_a_connection_that_was_lost_an_operator_reads_that_and_no_call_of_the_library(said: str) -> None:
    with pytest.raises(Away) as away, away_as_such():
        raise pg.InterfaceError(said)
    assert str(away.value) == "database is away: the connection was lost"


@pytest.mark.parametrize(
    "said",
    [
        "pool is closing",
        "pool is closed",
        "connection was closed during pool initialization",
        "cannot call PreparedStatement.fetch(): the prepared statement is closed",
    ],
)
def test_of_anything_else_that_is_closed_its_own_words_are_read(said: str) -> None:
    with pytest.raises(Away) as away, away_as_such():
        raise pg.InterfaceError(said)
    assert str(away.value) == f"database is away: {said}"


def test_a_call_that_is_a_mistake_of_ours_is_none_of_a_database_that_is_away() -> None:
    with pytest.raises(pg.InterfaceError, match="expects 2 arguments"), away_as_such():
        raise pg.InterfaceError("the server expects 2 arguments for this query, 1 was passed")
