"""Tells listeners when a request changes: one poller asks Postgres for all watched requests at once, however
many listeners each has, now and then and as soon as some request is said to have ended. It knows no HTTP.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from services.status.records.request import RequestRecord
from services.status.rendering.values import Json
from shared.outcomes import Away
from shared.waits import called_when, wait_for

POLL_SECONDS = 0.3
REST_SHARE = 10  # a poll is followed by a rest of so many times as long, or of POLL_SECONDS if that is less


class Source(Protocol):
    async def requests_by_id(self, request_ids: Sequence[UUID]) -> Sequence[RequestRecord]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A request at one moment, rendered once for all its listeners."""

    record: RequestRecord
    status: Json
    rendered: bytes  # the same as JSON
    completion: tuple[UUID, str] | None = None  # the event of the run's end, once it has ended


Render = Callable[[RequestRecord], Awaitable[Snapshot]]


@dataclass(slots=True, eq=False)
class Watch:
    """What the listeners of one request share."""

    latest: Snapshot
    listeners: int = 0
    closed: bool = False  # the request is gone, or this process stops
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, snapshot: Snapshot) -> None:
        if snapshot.record.version() == self.latest.record.version():
            return  # another listener's look at the same state is no news
        if _age(snapshot.record) < _age(self.latest.record):
            return  # a read that began earlier and ended later
        self.latest = snapshot
        self._wake()

    def close(self) -> None:
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def news(self, seen: Snapshot, seconds: float) -> None:
        """Returns when something newer than `seen` is there, the watch is closed, or the time is over."""
        if self.closed or self.latest is not seen:
            return
        await wait_for(self._changed, seconds)


class Watchers:
    """Every watch of this process and its poller."""

    def __init__(
        self,
        source: Source,
        render: Render,
        ended: asyncio.Event,
        poll_seconds: float = POLL_SECONDS,
    ) -> None:
        """`ended` is set by whoever hears that some request may have ended."""
        self._source = source
        self._render = render
        self._ended = ended
        self._poll_seconds = poll_seconds
        self._watches: dict[UUID, Watch] = {}
        self._wanted = asyncio.Event()  # somebody watches, or the process stops
        self._stopped = False

    @contextmanager
    def watch(self, snapshot: Snapshot) -> Iterator[Watch]:
        """Joins the watch of a request, beginning with what the caller just read."""
        request_id = snapshot.record.id
        watch = self._watches.setdefault(request_id, Watch(snapshot))
        watch.tell(snapshot)
        watch.closed |= self._stopped
        watch.listeners += 1
        self._wanted.set()
        try:
            yield watch
        finally:
            watch.listeners -= 1
            if not watch.listeners and self._watches.get(request_id) is watch:
                del self._watches[request_id]

    async def run(self, stopping: asyncio.Event) -> None:
        """Polls while somebody watches, until the process stops; then lets every listener go."""
        rested = 0.0
        with called_when(stopping, self._wake):
            while not stopping.is_set():
                await self._wait(rested)
                rested = await self._poll_and_rest(stopping)
        self._stopped = True
        for watch in self._watches.values():
            watch.close()

    def _wake(self) -> None:
        self._wanted.set()
        self._ended.set()

    async def _wait(self, rested: float) -> None:
        """The first to watch has just read, and waits half as long: as all others do in the mean. It does not
        wait at all where something ended before it came, perhaps after its read.
        """
        seconds = self._poll_seconds - rested
        if not self._watches:
            self._wanted.clear()
            await self._wanted.wait()
            seconds = self._poll_seconds / 2
        await wait_for(self._ended, seconds)

    async def _poll_and_rest(self, stopping: asyncio.Event) -> float:
        """How long it rested. Who began to watch meanwhile may have read before that end, too."""
        loop = asyncio.get_running_loop()
        began, heard, asked = loop.time(), self._ended.is_set(), set(self._watches)
        self._ended.clear()  # before the poll: what ends meanwhile is not lost
        with suppress(Away):  # the listeners wait; readiness tells of it elsewhere
            await self._poll()
        seconds = min(self._poll_seconds, REST_SHARE * (loop.time() - began))
        await wait_for(stopping, seconds)
        if heard and self._watches.keys() - asked:
            self._ended.set()
        return seconds

    async def _poll(self) -> None:
        watches = dict(self._watches)
        if not watches:
            return
        found = await self._source.requests_by_id(list(watches))
        for record in found:
            await self._tell(watches.pop(record.id), record)
        for watch in watches.values():
            if watch.latest.record.recorded:
                self._close(watch)

    async def _tell(self, watch: Watch, record: RequestRecord) -> None:
        if record.deleted:
            self._close(watch)
        elif record.version() != watch.latest.record.version():
            watch.tell(await self._render(record))

    def _close(self, watch: Watch) -> None:
        self._watches.pop(watch.latest.record.id, None)
        watch.close()


def _age(record: RequestRecord) -> tuple[int, int, bool, bool, bool]:
    """Grows while a request lives, so that an older read is told from a newer one."""
    ended_images = record.done + record.failed + record.cancelled
    return (record.run, ended_images, record.ended, record.cancelling, record.recorded)
