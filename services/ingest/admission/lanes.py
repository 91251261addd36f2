"""Threads that read CSVs. No small file waits behind a large one, no tenant behind all files of another."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar, TypeVarTuple
from weakref import WeakValueDictionary

from shared.hearing import hear

SMALL_FILE_BYTES = 1024 * 1024

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True)
class Lanes:
    small: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "csv-small"))
    large: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "csv-large"))
    # A lane reads one file of a tenant at a time, so its queue goes round the tenants. Nobody loses by it,
    # because threads that compute share the interpreter anyway.
    _locks: WeakValueDictionary[tuple[str, ThreadPoolExecutor], asyncio.Lock] = field(
        default_factory=WeakValueDictionary
    )

    async def run(self, tenant: str, file_bytes: int, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        lane = self.small if file_bytes < SMALL_FILE_BYTES else self.large
        lock = self._locks.setdefault((tenant, lane), asyncio.Lock())
        async with lock:
            return await _to_its_end(lane.submit(work, *arguments))


async def _to_its_end(job: Future[T]) -> T:
    """A thread cannot be ended from outside. So whoever is cancelled here waits for it: while it works, the
    tenant's lock stays held and its file stays open. Whoever ends the service cancels twice: then
    its file is closed, and how its thread ends by that is no news.
    """
    outcome = asyncio.wrap_future(job)
    outcome.add_done_callback(hear)
    try:
        return await asyncio.shield(outcome)
    except asyncio.CancelledError:
        if not job.cancel():  # a thread has begun it
            await asyncio.wait({outcome})
        raise
