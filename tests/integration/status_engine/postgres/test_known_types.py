"""Each connection of a pool needs to know the types of Postgres's arrays, and one of them asks."""

from collections.abc import Collection
from typing import Any

import asyncpg
import pytest

from services.status.postgres import known_types
from services.status.postgres.pool import connected
from tests.worlds.postgres.patient import patient_pool


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[frozenset[int]]:
    asked: list[frozenset[int]] = []
    asks = vars(asyncpg.Connection)["_introspect_types"]

    async def noted(connection: Any, typeoids: Collection[int], *patience: float) -> Any:
        asked.append(frozenset(typeoids))
        return await asks(connection, typeoids, *patience)

    monkeypatch.setattr(asyncpg.Connection, "_introspect_types", noted)
    monkeypatch.setattr(known_types, "_known", {})
    return asked


async def test_what_one_connection_was_told_of_types_is_known_to_all(
    postgres: str, asked: list[frozenset[int]]
) -> None:
    """R24"""
    async with patient_pool(postgres) as pool, connected(pool) as first, connected(pool) as second:
        for connection in (first, second):
            assert await connection.fetchval("SELECT $1::integer[] || 3", [1, 2]) == [1, 2, 3]
            assert await connection.fetchval("SELECT $1::boolean[] || true", [False]) == [False, True]
    assert len(asked) == len(set(asked)) == 2


async def test_types_of_one_database_are_asked_for_by_each_connection(
    postgres: str, asked: list[frozenset[int]]
) -> None:
    async with patient_pool(postgres) as pool, connected(pool) as first, connected(pool) as second:
        await first.execute("CREATE TYPE mood AS ENUM ('calm', 'glad')")
        try:
            for connection in (first, second):
                assert await connection.fetchval("SELECT ARRAY['calm'::mood]") == ["calm"]
        finally:
            await first.execute("DROP TYPE mood")
    assert len(asked) == 2
    assert len(set(asked)) == 1
