"""The object store behind one setting: a local folder or a bucket.

A store that cannot be reached is `Away`; an object that a working store refuses is `Refused`; one that
is not there is `Missing`. This file knows nothing of what the objects mean.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, InvalidPathError, NotFoundError
from obstore.store import LocalStore, ObjectStore, from_url

from shared.handling import Away

STORE_TIMEOUT_SECONDS = 20.0
DELETE_BATCH = 500
_REFUSED = re.compile(r"status:? 4(?!01|03|08|29)\d\d")  # 401, 403: credentials; 408, 429: the store is busy

T = TypeVar("T")


class Missing(Exception):  # noqa: N818 - an answer of the store
    """The store is reachable and holds no such object."""


class Refused(Exception):  # noqa: N818 - an answer of the store
    """The store is reachable and will not take this object."""


class Writer(Protocol):
    async def write(self, data: bytes) -> None: ...


class Store(Protocol):
    """The port. Every method raises `Away` when the store cannot be reached."""

    async def get(self, key: str) -> bytes:
        """The whole object; `Missing` when there is none."""

    async def size(self, key: str) -> int:
        """The object's bytes; `Missing` when there is none."""

    def stream(self, key: str) -> AsyncIterator[bytes]:
        """The object in chunks; `Missing` before the first one when there is none."""

    async def put(self, key: str, data: bytes) -> None:
        """Writes the object as a whole or not at all."""

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


@dataclass(frozen=True, slots=True)
class ObjectStoreAdapter:
    """The `Store` port over obstore."""

    store: ObjectStore
    root: Path | None  # of a local folder: a folder that vanished is Away, not Missing

    async def get(self, key: str) -> bytes:
        result = await self._answer(obstore.get_async(self.store, key))
        return bytes(await self._answer(result.bytes_async()))

    async def size(self, key: str) -> int:
        return (await self._answer(obstore.head_async(self.store, key)))["size"]

    async def stream(self, key: str) -> AsyncIterator[bytes]:
        result = await self._answer(obstore.get_async(self.store, key))
        chunks = aiter(result.stream())
        while (chunk := await self._answer(_next_or_none(chunks))) is not None:
            yield chunk

    async def put(self, key: str, data: bytes) -> None:
        self._require_root("put")
        await self._answer(obstore.put_async(self.store, key, data))

    async def put_new(self, key: str, data: bytes) -> bool:
        self._require_root("put")
        try:
            await self._answer(obstore.put_async(self.store, key, data, mode="create"))
        except AlreadyExistsError:
            return False
        return True

    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator[Writer]:
        self._require_root(BaseError)
        file = obstore.open_writer_async(self.store, key)
        yield _CheckedWriter(self, file)
        await self._answer(file.close())

    async def list(
        self, prefix: str, *, written_before: datetime | None = None
    ) -> AsyncIterator[Sequence[str]]:
        batches = aiter(obstore.list(self.store, prefix, chunk_size=DELETE_BATCH))
        while (batch := await self._answer(_next_or_none(batches))) is not None:
            yield [
                entry["path"]
                for entry in batch
                if written_before is None or entry["last_modified"] < written_before
            ]

    async def folders(self, prefix: str) -> Sequence[str]:
        found = await self._answer(obstore.list_with_delimiter_async(self.store, prefix))
        return [folder.rstrip("/") for folder in found["common_prefixes"]]

    async def delete(self, keys: Sequence[str]) -> None:
        for key in keys:
            try:
                await self._answer(obstore.delete_async(self.store, key))
            except Missing:
                continue

    async def check(self) -> None:
        try:
            await self.size("readiness-probe")
        except Missing:
            return

    async def _answer(self, call: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(STORE_TIMEOUT_SECONDS):
                return await call
        except (NotFoundError, FileNotFoundError) as error:
            self._require_root(error)
            raise Missing(_first_line(error)) from error
        except AlreadyExistsError:
            raise
        except InvalidPathError as error:
            raise Refused(_first_line(error)) from error
        except (BaseError, OSError) as error:  # TimeoutError is an OSError
            if _REFUSED.search(str(error)):
                raise Refused(_first_line(error)) from error
            raise Away("store", _first_line(error)) from error

    def _require_root(self, reason: object) -> None:
        if self.root is not None and not self.root.is_dir():
            raise Away("store", f"its folder is gone ({reason})")


@dataclass(frozen=True, slots=True)
class _CheckedWriter:
    adapter: ObjectStoreAdapter
    file: "obstore.AsyncWritableFile"  # in the stubs only

    async def write(self, data: bytes) -> None:
        await self.adapter._answer(self.file.write(data))  # noqa: SLF001 - one mechanism, two classes


def open_store(url: str) -> Store:
    """`file:///folder`, `s3://bucket/prefix` and what else obstore takes; credentials from its own AWS_…"""
    parts = urlsplit(url)
    if parts.scheme != "file":
        return ObjectStoreAdapter(from_url(url, client_options={"allow_http": True, "timeout": "15s"}), None)
    root = Path(unquote(parts.path))
    return ObjectStoreAdapter(LocalStore(root, mkdir=True), root)


async def _next_or_none(items: AsyncIterator[T]) -> T | None:
    return await anext(items, None)


def _first_line(error: object) -> str:
    return str(error).partition("\n")[0]
