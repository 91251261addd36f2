"""The port: what services need of an object store, and how it says no."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from shared.outcomes import Refused

Object = tuple[str, bytes]  # its key, and what it is


class Missing(Exception):  # noqa: N818 - an answer of the store
    """The store is reachable and holds no such object."""


class Tampered(Refused):
    """The object is not what we sealed: somebody or something changed, cut or swapped it."""


class Writer(Protocol):
    async def write(self, data: bytes) -> None: ...


class Store(Protocol):
    """Every method raises `Away` when the store cannot be reached. What was put is durable."""

    async def get(self, key: str) -> bytes:
        """The whole object; `Missing` when there is none."""

    async def size(self, key: str) -> int:
        """The object's bytes; `Missing` when there is none."""

    def stream(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        """The object, or these bytes of it, in chunks; `Missing` before the first one when there is none."""

    async def put(self, key: str, data: bytes) -> None:
        """Writes the object as a whole or not at all."""

    async def put_all(self, objects: Sequence[Object]) -> None:
        """The same for several that are told of together; where it raises, some of them may be there."""

    async def put_new(self, key: str, data: bytes) -> bool:
        """Writes the object only if there is none; says whether it did."""

    def writer(self, key: str) -> AbstractAsyncContextManager[Writer]:
        """Writes a large object chunk by chunk; it appears only when the block ends without an exception."""

    def list(self, prefix: str, *, written_before: datetime | None = None) -> AsyncIterator[Sequence[str]]:
        """The keys below a prefix, in batches; with a time, those that were last written before it."""

    async def folders(self, prefix: str) -> Sequence[str]:
        """What stands directly below a prefix and holds keys in turn, without the last slash."""

    async def delete(self, keys: Sequence[str]) -> None:
        """Removes objects; one that is gone already is fine."""

    async def check(self) -> None:
        """Returns when the store answers."""

    async def check_room(self) -> None:
        """Returns when the store answers and has room; `Full` when it has none."""
