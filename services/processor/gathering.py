"""Lets images end together while more of them are at work than are decoded: they share one round of writing
and one message to the broker. Whoever is alone ends at once. It knows no image.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

GATHER_SECONDS = 0.05
MOST_TOGETHER = 32

Later = Callable[[float, Callable[[], None]], asyncio.TimerHandle]


def is_worth_waiting(*, waiting: int, at_work: int, decoders: int) -> bool:
    """Whether soon another one ends: more than the decoders have before them are still at work."""
    return waiting < MOST_TOGETHER and at_work - waiting > decoders


class Gathering:
    """One for the process."""

    def __init__(self, decoders: int, later: Later | None = None) -> None:
        self._decoders = decoders
        self.loop = asyncio.get_running_loop()
        self._later = later or self.loop.call_later
        self._at_work = 0
        self._waiting: list[asyncio.Future[None]] = []
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While an image is fetched, decoded and stored."""
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1
            self._look()

    async def wait(self) -> None:
        """Until it is time to end."""
        given: asyncio.Future[None] = self.loop.create_future()
        self._waiting.append(given)
        if self._timer is None:
            self._timer = self._later(GATHER_SECONDS, self._let_go)
        self._look()
        await given

    def _look(self) -> None:
        if self._waiting and not is_worth_waiting(
            waiting=len(self._waiting), at_work=self._at_work, decoders=self._decoders
        ):
            self._let_go()

    def _let_go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        waiting, self._waiting = self._waiting, []
        for given in waiting:
            if not given.done():
                given.set_result(None)
