"""A row as a statement of the database gave it, in whatever class (pure): values by their columns' names."""

from collections.abc import Iterable
from typing import Any, Protocol


class Row(Protocol):
    """`asyncpg.Record` is one, and so is a dict."""

    def __getitem__(self, column: str, /) -> Any: ...
    def keys(self) -> Iterable[str]: ...
