"""Threads that read CSVs: no small file waits behind a large one, no tenant's behind all of another's."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TypeVar, TypeVarTuple
from weakref import WeakValueDictionary

from services.ingest.csv_file.spool import SPOOL_BYTES

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@dataclass(frozen=True, slots=True)
class Lanes:
    small: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "csv-small"))
    large: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2, "csv-large"))
    # One file of a tenant at a time: so a lane's queue goes round the tenants. Nobody loses by it, because
    # threads that compute share the interpreter anyway.
    _turns: WeakValueDictionary[tuple[str, ThreadPoolExecutor], asyncio.Lock] = field(
        default_factory=WeakValueDictionary
    )

    async def run(self, tenant: str, file_bytes: int, work: Callable[[*Ts], T], *arguments: *Ts) -> T:
        lane = self.small if file_bytes < SPOOL_BYTES else self.large
        turn = self._turns.setdefault((tenant, lane), asyncio.Lock())
        async with turn:
            return await _to_its_end(lane.submit(work, *arguments))


async def _to_its_end(job: Future[T]) -> T:
    """A thread cannot be ended from outside. Whoever is cancelled here waits for it, so that the turn is not
    given on, nor a file closed that it reads, while it still works.
    """
    outcome = asyncio.wrap_future(job)
    try:
        return await asyncio.shield(outcome)
    except asyncio.CancelledError:
        if not job.cancel():  # a thread has begun it
            await asyncio.wait({outcome})
        raise
