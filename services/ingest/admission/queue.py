"""Refuses uploads while too many accepted requests wait for the status service.

A task of its own reads the lag of csv.accepted; an upload only compares two numbers.
"""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from shared.observing.logs import Action, log
from shared.outcomes import Away
from shared.waits import wait_for
from shared.web.problems import Problem, unavailable

LOOK_EVERY_SECONDS = 1.0
FULL_RETRY_SECONDS = 10


class Lag(Protocol):
    """What the queue needs of the broker."""

    async def read(self) -> int:
        """How many requests the status service has not taken; `Away` when the broker does not answer."""

    async def close(self) -> None: ...


@dataclass(slots=True)
class RequestQueue:
    lag: Lag
    max_waiting: int
    _waiting: int = 0  # at the last look
    _accepted_since: int = 0
    _was_full: bool = False

    async def watch(self, stopping: asyncio.Event) -> None:
        try:
            while not stopping.is_set():
                await self.look()
                await wait_for(stopping, LOOK_EVERY_SECONDS)
        finally:
            await self.lag.close()

    async def look(self) -> None:
        """A broker that does not answer stops no upload here: publishing will find out whether it is away."""
        counted = self._accepted_since
        try:
            self._waiting = await self.lag.read()
        except Away:
            self._waiting = 0
        self._accepted_since -= counted
        self._log_change()

    def count_accepted(self) -> None:
        self._accepted_since += 1

    def require_room(self) -> None:
        """A 503 problem while too many requests wait."""
        if self._is_full():
            raise queue_full()

    def _is_full(self) -> bool:
        return self._waiting + self._accepted_since > self.max_waiting

    def _log_change(self) -> None:
        if self._is_full() != self._was_full:
            self._was_full = not self._was_full
            action = Action.QUEUE_FULL if self._was_full else Action.QUEUE_OPEN
            log.warning(action, waiting=self._waiting, max_waiting=self.max_waiting)


def queue_full() -> Problem:
    error = "Too many accepted requests wait to be started; nothing was accepted. Try again later."
    return unavailable(error, FULL_RETRY_SECONDS, "queue-full")
