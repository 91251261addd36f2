"""Looks at what may hang, as a disk of a network whose server is gone: each in a thread, and one at a time at
each, so that what hangs keeps one thread however often it is looked at.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Generic, TypeVar

from shared.daemon_threads import DaemonThreads

ANSWER_SECONDS = 1.0  # a scraper waits for ten or so
_THREADS = 8  # more than there are to look at

T = TypeVar("T")


class Looks(Generic[T]):
    """Of one owner, who gives each of them a name."""

    def __init__(self, name: str) -> None:
        self._threads = DaemonThreads(_THREADS, name)
        self._under_way: dict[str, asyncio.Future[T]] = {}

    async def answers(self, looks: Mapping[str, Callable[[], T]]) -> Mapping[str, T]:
        """Of those that answer in time; the next call waits for the same looks of the others."""
        under_way = {name: self._begun(name, look) for name, look in looks.items()}
        if under_way:
            await asyncio.wait(under_way.values(), timeout=ANSWER_SECONDS)
        return {name: self._taken(name, look) for name, look in under_way.items() if look.done()}

    def _begun(self, name: str, look: Callable[[], T]) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        begun = self._under_way.get(name)
        if begun is None or begun.get_loop() is not loop:
            begun = self._under_way[name] = loop.run_in_executor(self._threads, look)
        return begun

    def _taken(self, name: str, look: asyncio.Future[T]) -> T:
        if self._under_way.get(name) is look:  # nobody who waited beside us began the next one
            del self._under_way[name]
        return look.result()
