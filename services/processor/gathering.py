"""Lets images that are ready at about the same time end together: they share one round of writing to the
store and one message to the broker. It knows no image.

They wait for each other while more are at work than are decoded, or many more of their request are under way
here. A single one, or one of few, ends at once.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

GATHER_SECONDS = 0.05
LONG_GATHER_SECONDS = 0.2  # where nobody waits for a single one, and few come or the decoders have time
MANY_OTHERS = 8  # of a request: it is far from its end
FEW_TOGETHER = 6  # fewer come in GATHER_SECONDS where the machine is slow
MOST_TOGETHER = 32
MOST_BYTES_TOGETHER = 4 * 1024 * 1024  # to be written: a large one gains nothing by a wait

Later = Callable[[float, Callable[[], None]], asyncio.TimerHandle]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a processor has before it."""

    waiting: int
    waiting_bytes: int
    at_work: int
    decoders: int
    fewest_others: int  # that are under way and do not wait, of the request that has the fewest of them


def seconds_worth_waiting(seen: Seen) -> float:
    """How long the one that has waited longest may wait in all."""
    if seen.waiting >= MOST_TOGETHER or seen.waiting_bytes >= MOST_BYTES_TOGETHER:
        return 0.0
    has_many_others = seen.fewest_others >= MANY_OTHERS
    if seen.at_work - seen.waiting > seen.decoders:
        return LONG_GATHER_SECONDS if has_many_others and seen.waiting < FEW_TOGETHER else GATHER_SECONDS
    return LONG_GATHER_SECONDS if has_many_others else 0.0


class Gathering:
    """One for the process."""

    def __init__(self, decoders: int, later: Later | None = None) -> None:
        self._decoders = decoders
        self.loop = asyncio.get_running_loop()
        self._later = later or self.loop.call_later
        self._under_way: Counter[UUID] = Counter()  # images, by their request
        self._at_work = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._waiting_of: Counter[UUID] = Counter()  # of each request
        self._waiting_bytes = 0
        self._since = self._due = 0.0  # of those that wait now
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def under_way(self, request_id: UUID) -> Iterator[None]:
        """While an image of this request has a place."""
        self._under_way[request_id] += 1
        try:
            yield
        finally:
            self._under_way[request_id] -= 1
            if not self._under_way[request_id]:
                del self._under_way[request_id]
            self._look(self.loop.time())

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While an image is decoded and stored: it has been fetched."""
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1
            self._look(self.loop.time())

    async def wait(self, request_id: UUID, size_bytes: int) -> None:
        """Until it is time for an image of this request to end, of which so much is to be written."""
        given: asyncio.Future[None] = self.loop.create_future()
        now = self.loop.time()
        if not self._waiting:
            self._since = now
        self._waiting.append(given)
        self._waiting_of[request_id] += 1
        self._waiting_bytes += size_bytes
        self._look(now)
        await given

    def _look(self, now: float) -> None:
        if not self._waiting:
            return
        seconds = seconds_worth_waiting(self._seen())
        if seconds <= 0:
            self._let_go()
        elif self._timer is None or self._since + seconds < self._due:
            self._let_go_after(seconds - (now - self._since))
            self._due = self._since + seconds

    def _seen(self) -> Seen:
        others = (self._under_way[request_id] - count for request_id, count in self._waiting_of.items())
        return Seen(
            waiting=len(self._waiting),
            waiting_bytes=self._waiting_bytes,
            at_work=self._at_work,
            decoders=self._decoders,
            fewest_others=min(others),
        )

    def _let_go_after(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._later(max(0.0, seconds), self._let_go)

    def _let_go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        waiting, self._waiting = self._waiting, []
        self._waiting_of.clear()
        self._waiting_bytes = 0
        for given in waiting:
            if not given.done():
                given.set_result(None)
