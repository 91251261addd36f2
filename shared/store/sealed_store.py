"""A store whose objects are sealed at rest. It wraps another, and does not know where that keeps them."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime

from shared.outcomes import Away
from shared.store.cipher import (
    CHUNK_BYTES,
    HEADER_BYTES,
    Broken,
    Keyring,
    Opener,
    Sealer,
    UnknownKey,
    plain_size,
    sealed_offset,
)
from shared.store.port import Object, Store, Tampered, Writer

INLINE_BYTES = 1024 * 1024  # what is larger is sealed in a thread


@dataclass(frozen=True, slots=True)
class SealedStore:
    inner: Store
    keyring: Keyring

    async def get(self, key: str) -> bytes:
        sealed = await self.inner.get(key)
        with _told(key):
            if len(sealed) <= INLINE_BYTES:
                return self._opened(key, sealed)
            return await asyncio.to_thread(self._opened, key, sealed)

    async def size(self, key: str) -> int:
        with _told(key):
            return plain_size(await self.inner.size(key))

    async def stream(self, key: str, start: int = 0, stop: int | None = None) -> AsyncIterator[bytes]:
        if start == 0 and stop is None:
            async for content in self._contents(key, Opener(self.keyring, key), self.inner.stream(key)):
                yield content
            return
        size = await self.size(key)
        stop = size if stop is None else min(stop, size)
        if start >= stop:
            return
        first, end = start // CHUNK_BYTES, -(-stop // CHUNK_BYTES)
        opener = Opener(self.keyring, key, first)
        async for header in self.inner.stream(key, 0, HEADER_BYTES):
            with _told(key):
                opener.add(header)
        at = first * CHUNK_BYTES
        is_last = end * CHUNK_BYTES >= size
        whole = self.inner.stream(key, sealed_offset(first), None if is_last else sealed_offset(end))
        async for content in self._contents(key, opener, whole, is_last=is_last):
            yield content[max(0, start - at) : stop - at]
            at += len(content)

    async def _contents(
        self, key: str, opener: Opener, whole: AsyncIterator[bytes], *, is_last: bool = True
    ) -> AsyncIterator[bytes]:
        async for sealed in whole:
            with _told(key):
                content = opener.add(sealed)
            if content:
                yield content
        with _told(key):
            content = opener.finish(last=is_last)
        if content:
            yield content

    async def put(self, key: str, data: bytes) -> None:
        await self.inner.put(key, await self._sealed(key, data))

    async def put_all(self, objects: Sequence[Object]) -> None:
        await self.inner.put_all([(key, await self._sealed(key, data)) for key, data in objects])

    async def put_new(self, key: str, data: bytes) -> bool:
        return await self.inner.put_new(key, await self._sealed(key, data))

    @asynccontextmanager
    async def writer(self, key: str) -> AsyncIterator[Writer]:
        async with self.inner.writer(key) as inner:
            sealing = _SealingWriter(inner, Sealer(self.keyring, key))
            yield sealing
            await inner.write(sealing.sealer.finish())

    def list(self, prefix: str, *, written_before: datetime | None = None) -> AsyncIterator[Sequence[str]]:
        return self.inner.list(prefix, written_before=written_before)

    async def folders(self, prefix: str) -> Sequence[str]:
        return await self.inner.folders(prefix)

    async def delete(self, keys: Sequence[str]) -> None:
        await self.inner.delete(keys)

    async def check(self) -> None:
        await self.inner.check()

    async def check_room(self) -> None:
        await self.inner.check_room()

    async def _sealed(self, key: str, data: bytes) -> bytes:
        if len(data) <= INLINE_BYTES:
            return self._seal(key, data)
        return await asyncio.to_thread(self._seal, key, data)

    def _seal(self, key: str, data: bytes) -> bytes:
        sealer = Sealer(self.keyring, key)
        return sealer.add(data) + sealer.finish()

    def _opened(self, key: str, sealed: bytes) -> bytes:
        opener = Opener(self.keyring, key)
        return opener.add(sealed) + opener.finish()


@dataclass(frozen=True, slots=True)
class _SealingWriter:
    inner: Writer
    sealer: Sealer

    async def write(self, data: bytes) -> None:
        if sealed := self.sealer.add(data):
            await self.inner.write(sealed)


@contextmanager
def _told(key: str) -> Iterator[None]:
    """A key that we lack means `Away`, because the operator can give it; a broken seal is final."""
    try:
        yield
    except Broken as broken:
        raise Tampered(f"{key}: {broken}") from broken
    except UnknownKey as unknown:
        raise Away("store", str(unknown)) from unknown
