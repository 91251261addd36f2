"""The `Store` port over obstore: a bucket of any cloud. It says what each of obstore's errors means."""

import asyncio
import html
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    InvalidPathError,
    NotFoundError,
    PreconditionError,
)
from obstore.store import ObjectStore

from shared.outcomes import Away, Refused
from shared.store.parts import PART_BYTES, PARTS_AT_ONCE, PartsWriter
from shared.store.port import Missing, Object, Writer

STORE_TIMEOUT_SECONDS = 20.0
PIECE_BYTES = 64 * 1024
"""Of an object that is streamed: obstore gathers 10 MiB for each reader unless it is told otherwise."""
HELD_SECONDS = 30.0
"""So long one GET may last, whose time is its reader's as well: the next one goes on where it stopped."""
RESUMED_BYTES = 1024 * 1024
"""A GET for a reader who has shown to be slow asks for no more: what he does not take is sent in vain."""
LIST_BATCH = 500
PROBE_KEY = "readiness-probe"
_REFUSED = re.compile(r"status:? 4(?!01|03|04|08|09|29)\d\d")  # but for credentials, 408, 409 and 429
_NO_BUCKET = re.compile("NoSuchBucket|ContainerNotFound|specified bucket does not exist")
_BUSY_OBJECT = re.compile("OperationAborted|ConditionalRequestConflict")  # of S3, a 409 as well
_NOT_FOUND = re.compile("status:? 404")
_NO_OBJECT = re.compile("NoSuchKey|BlobNotFound|performing HEAD")  # to HEAD nobody says what is missing
_OURS_TO_MEND = re.compile(
    "(Expired|Invalid|InvalidIdentity)Token|AuthorizationHeaderMalformed|InvalidAuthenticationInfo"
    r"|token request|InvalidBucketName|InvalidResourceName|<Code>KMS\.|RequestTimeout|BucketQuotaExceeded"
)
"""A 400 that is not for the object: a credential that has ended (Azure and Google tell who asks for a token),
a wrong region or name of the bucket, a key of its encryption that is disabled or gone, a busy line, a
quota of MinIO's that is used up.
"""
_DOCUMENT = re.compile(r"\ufeff?<(\?xml|Error)\b")
_CODE = re.compile(r"<Code>([^<]+)</Code>")
_MESSAGE = re.compile(r"<Message>\s*([^<\n]+)")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class BucketStore:
    store: ObjectStore
    held_seconds: float = HELD_SECONDS
    clock: Callable[[], float] = field(default=time.monotonic)

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
        result = await self._get(key, None if start == 0 and stop is None else (start, stop))
        tag, (at, end) = result.meta["e_tag"], result.range
        while True:
            began, chunks = self.clock(), aiter(result.stream(min_chunk_size=PIECE_BYTES))
            while piece := await self._answer(_next_piece(chunks)):
                at += len(piece)
                yield piece
                if self.clock() - began > self.held_seconds:
                    break
            if at >= end:
                return
            result = await self._get(key, (at, min(at + RESUMED_BYTES, end)), tag)

    async def _get(
        self, key: str, part: tuple[int, int | None] | None, tag: str | None = None
    ) -> "obstore.GetResult":
        """With a tag only what it was when it got that tag: nobody takes parts of two objects for one."""
        options: obstore.GetOptions = {}
        if part is not None:
            start, stop = part
            options["range"] = {"offset": start} if stop is None else (start, stop)
        if tag is not None:
            options["if_match"] = tag
        return await self._answer(obstore.get_async(self.store, key, options=options))

    async def put(self, key: str, data: bytes) -> None:
        await self._answer(self._put_at_once(key, data))

    async def put_all(self, objects: Sequence[Object]) -> None:
        puts = (self.put(key, data) for key, data in objects)
        for answer in await asyncio.gather(*puts, return_exceptions=True):
            if isinstance(answer, BaseException):
                raise answer

    async def put_new(self, key: str, data: bytes) -> bool:
        return await self._answer(_is_new(obstore.put_async(self.store, key, data, mode="create")))

    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator[Writer]:
        parts = PartsWriter(partial(self._put_at_once, key), partial(self._put_parts, key))
        try:
            yield _CheckedWriter(parts, self._answer)
            await self._answer(parts.finish())
        except BaseException:
            with suppress(TimeoutError):
                await asyncio.shield(asyncio.wait_for(parts.give_up(), STORE_TIMEOUT_SECONDS))
            raise

    async def _put_at_once(self, key: str, data: bytes) -> object:
        """Never in parts, of which some could be left behind."""
        return await obstore.put_async(self.store, key, data, use_multipart=False)

    async def _put_parts(self, key: str, source: AsyncIterator[bytes]) -> object:
        return await obstore.put_async(
            self.store,
            key,
            source,
            use_multipart=True,
            chunk_size=PART_BYTES,
            max_concurrency=PARTS_AT_ONCE,
        )

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

    async def check_room(self) -> None:
        """A bucket does not tell how much room it has."""
        await self.check()

    async def _answer(self, call: Awaitable[T]) -> T:
        try:
            async with asyncio.timeout(STORE_TIMEOUT_SECONDS):
                return await call
        except (InvalidPathError, PreconditionError) as error:
            raise Refused(in_one_line(error)) from error
        except (BaseError, OSError) as error:  # TimeoutError is an OSError
            raise _meaning(error) from error


async def _is_new(put: Awaitable[object]) -> bool:
    """Of a put that makes only a new object."""
    try:
        await put
    except AlreadyExistsError as error:
        if _BUSY_OBJECT.search(str(error)):
            raise
        return False
    return True


def _meaning(error: BaseError | OSError) -> Exception:
    told = str(error)
    if _NO_BUCKET.search(told):
        return Away("store", "there is no such bucket")
    if isinstance(error, NotFoundError | FileNotFoundError) and _is_of_an_object(told):
        return Missing(in_one_line(error))
    if _REFUSED.search(told) and not _OURS_TO_MEND.search(told):
        return Refused(in_one_line(error))
    return Away("store", in_one_line(error) or type(error).__name__)


def _is_of_an_object(told: str) -> bool:
    """A 404 may come from what stands before the store, or mean the credentials, as versitygw's does: every
    object would read as lost.
    """
    return _NOT_FOUND.search(told) is None or _NO_OBJECT.search(told) is not None


@dataclass(frozen=True, slots=True)
class _CheckedWriter:
    parts: PartsWriter
    answer: Callable[[Awaitable[None]], Awaitable[None]]

    async def write(self, data: bytes) -> None:
        await self.answer(self.parts.write(data))


async def _next_piece(chunks: "obstore.BytesStream") -> bytes:
    """A copy, so that nothing keeps the library's own; nothing at the end."""
    chunk = await anext(chunks, None)
    return b"" if chunk is None else bytes(chunk)


async def _next_or_none(items: AsyncIterator[T]) -> T | None:
    return await anext(items, None)


def in_one_line(error: object) -> str:
    """What went wrong, for the log. Of an answer that is a document: its code and its message, which stand
    below the first line, and nothing else of it, as the signature that was refused.
    """
    told = str(error)
    line = told.partition("\n")[0]
    document, code = _DOCUMENT.search(told), _CODE.search(told)
    if document is None or code is None:
        return line
    message = _MESSAGE.search(told)
    said = code[1] if message is None else f"{code[1]}: {message[1].strip()}"
    return told[: document.start()] + html.unescape(said)
