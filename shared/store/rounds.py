"""Collects files into rounds of writing: what comes while a round is under way shares the next one, so that
many files are synced together under load and one at once without. `disk.py` says what a round does.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from shared.daemon_threads import DaemonThreads
from shared.store.disk import Disk, NewFile

AT_ONCE = 8  # rounds
SLOW_SECONDS = 0.05  # a round that takes longer is not waited for: another begins beside it
MOST_FILES = 64  # in a round


@dataclass(slots=True, eq=False)
class _Order:
    """Files that are answered as one."""

    files: Sequence[NewFile]
    answer: asyncio.Future[None]

    def settle(self) -> None:
        if self.answer.done():
            return
        error = next((new.error for new in self.files if new.error is not None), None)
        if error is None:
            self.answer.set_result(None)
        else:
            self.answer.set_exception(error)


class Rounds:
    """Of one folder, in threads. Everything but the work itself happens on the event loop."""

    def __init__(self, root: Path) -> None:
        self.threads = DaemonThreads(AT_ONCE, "store")
        self._disk = Disk(str(root))
        self._loop: asyncio.AbstractEventLoop | None = None  # whose callers these are
        self._waiting: deque[_Order] = deque()
        self._under_way = 0
        self._latest: object | None = None  # the round for whose end the others wait

    def add(self, files: Sequence[NewFile]) -> asyncio.Future[None]:
        """Done once all of them are durable, or when one of them fails."""
        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.get_running_loop()
        loop = self._loop
        order = _Order(files, loop.create_future())
        if not self._waiting:  # whoever else comes in this turn of the loop shares the round
            loop.call_soon(self._look, loop)
        self._waiting.append(order)
        return order.answer

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._latest is not None or self._under_way == AT_ONCE:
            return
        orders = self._taken()
        if not orders:
            return
        self._latest = this = object()
        self._under_way += 1
        slow = loop.call_later(SLOW_SECONDS, self._wait_no_longer, this, loop)

        def ended() -> None:
            slow.cancel()
            self._under_way -= 1
            for order in orders:
                order.settle()
            self._wait_no_longer(this, loop)

        self.threads.submit(self._round, orders, loop, ended)

    def _wait_no_longer(self, this: object, loop: asyncio.AbstractEventLoop) -> None:
        if self._latest is this:
            self._latest = None
        self._look(loop)

    def _taken(self) -> Sequence[_Order]:
        orders: list[_Order] = []
        files = 0
        while self._waiting and files < MOST_FILES:
            order = self._waiting.popleft()
            if order.answer.done():  # nobody waits for it any more
                self._forget(order)
            else:
                orders.append(order)
                files += len(order.files)
        return orders

    def _forget(self, order: _Order) -> None:
        for new in order.files:
            if new.descriptor is not None:
                self.threads.submit(new.discard)

    def _round(
        self, orders: Sequence[_Order], loop: asyncio.AbstractEventLoop, ended: Callable[[], None]
    ) -> None:
        files = [new for order in orders for new in order.files]
        try:
            self._disk.write(files)
        except BaseException as error:
            for new in files:
                new.error = new.error or OSError(f"the round broke off: {error!r}")
            raise
        finally:
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(ended)
