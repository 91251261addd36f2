"""The `Store` port over obstore: a bucket of any cloud. It says what each of obstore's errors means."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, InvalidPathError, NotFoundError
from obstore.store import ObjectStore

from shared.outcomes import Away
from shared.store.port import Missing, Refused, Writer

STORE_TIMEOUT_SECONDS = 20.0
LIST_BATCH = 500
PROBE_KEY = "readiness-probe"
_REFUSED = re.compile(r"status:? 4(?!01|03|08|29)\d\d")  # 401, 403: credentials; 408, 429: the store is busy
_NO_BUCKET = re.compile("NoSuchBucket|ContainerNotFound|specified bucket does not exist")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BucketStore:
    store: ObjectStore

    async def get(self, key: str) -> bytes:
        result = await self._answer(obstore.get_async(self.store, key))
        return bytes(await self._answer(result.bytes_async()))

    async def size(self, key: str) -> int:
        try:
            return (await self._answer(obstore.head_async(self.store, key)))["size"]
        except Missing:
            await self.check()  # HEAD's answer does not tell a missing object from a missing bucket
            raise

    async def stream(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        span: obstore.OffsetRange | tuple[int, int] = {"offset": start} if stop is None else (start, stop)
        options: obstore.GetOptions = {"range": span} if start or stop is not None else {}
        result = await self._answer(obstore.get_async(self.store, key, options=options))
        chunks = aiter(result.stream())
        while (chunk := await self._answer(_next_or_none(chunks))) is not None:
            yield bytes(chunk)

    async def put(self, key: str, data: bytes) -> None:
        await self._answer(obstore.put_async(self.store, key, data))

    async def put_new(self, key: str, data: bytes) -> bool:
        try:
            await self._answer(obstore.put_async(self.store, key, data, mode="create"))
        except AlreadyExistsError:
            return False
        return True

    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator[Writer]:
        file = obstore.open_writer_async(self.store, key)
        yield _CheckedWriter(self, file)
        await self._answer(file.close())

    async def list(
        self, prefix: str, *, written_before: datetime | None = None
    ) -> AsyncIterator[Sequence[str]]:
        batches = aiter(obstore.list(self.store, prefix, chunk_size=LIST_BATCH))
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
        if not keys:
            return
        try:
            await self._answer(obstore.delete_async(self.store, list(keys)))
        except Missing:  # some clouds call a missing key an error; the other keys may still be there
            for key in keys:
                with suppress(Missing):
                    await self._answer(obstore.delete_async(self.store, key))

    async def check(self) -> None:
        try:
            await self.get(PROBE_KEY)
        except Missing:
            return

    async def _answer(self, call: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(STORE_TIMEOUT_SECONDS):
                return await call
        except AlreadyExistsError:
            raise
        except InvalidPathError as error:
            raise Refused(first_line(error)) from error
        except (BaseError, OSError) as error:  # TimeoutError is an OSError
            raise _meaning(error) from error


def _meaning(error: BaseError | OSError) -> Exception:
    told = str(error)
    if _NO_BUCKET.search(told):
        return Away("store", "there is no such bucket")
    if isinstance(error, NotFoundError | FileNotFoundError):
        return Missing(first_line(error))
    if _REFUSED.search(told):
        return Refused(first_line(error))
    return Away("store", first_line(error) or type(error).__name__)


@dataclass(frozen=True, slots=True)
class _CheckedWriter:
    store: BucketStore
    file: "obstore.AsyncWritableFile"  # in the stubs only

    async def write(self, data: bytes) -> None:
        await self.store._answer(self.file.write(data))  # noqa: SLF001 - one mechanism, two classes


async def _next_or_none(items: AsyncIterator[T]) -> T | None:
    return await anext(items, None)


def first_line(error: object) -> str:
    return str(error).partition("\n")[0]
