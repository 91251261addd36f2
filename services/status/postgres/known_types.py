"""What Postgres says of its own types, asked once a process instead of by each connection: the answer is made
of thousands of rows of its lists, when a statement meets a kind of array for the first time.
"""

from collections.abc import Collection, Sequence
from types import SimpleNamespace
from typing import Any

import asyncpg

FIRST_OF_A_DATABASE = 16_384  # types below are Postgres's own, the same everywhere

Told = tuple[Sequence[Any], Any]  # the types, and the statement that asked

_known: dict[frozenset[int], Sequence[Any]] = {}
_ASKED_BEFORE = SimpleNamespace(name="asked before")  # stands for the statement that asked


class KnowingConnection(asyncpg.Connection):
    async def _introspect_types(self, typeoids: Collection[int], *patience: float) -> Told:
        """The library has no call of its own for what it may know already."""
        types = frozenset(typeoids)
        if types in _known:
            return _known[types], _ASKED_BEFORE
        told, statement = await super()._introspect_types(typeoids, *patience)  # type: ignore[misc] # not in its stubs
        if max(types) < FIRST_OF_A_DATABASE:
            _known[types] = told
        return told, statement
