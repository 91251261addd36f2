"""Refuses uploads while too many accepted requests wait for the status service.

A task of its own reads the lag of csv.accepted; an upload only compares two numbers. While nothing waits and
nobody uploads it rests: the lag is four questions to the broker.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from shared.observing.contact import Contact
from shared.observing.logs import Action, log
from shared.outcomes import Away
from shared.waits import called_when, wait_for_beat
from shared.web.problems import Problem, unavailable

LOOK_EVERY_SECONDS = 1.0
REST_SECONDS = 10.0  # until it is known what other ingests accepted, where this one accepts nothing
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
    _contact: Contact = field(default_factory=lambda: Contact(work="queue"))
    _waiting: int = 0  # at the last look
    _accepted_since: int = 0
    _was_full: bool = False
    _rest_is_over: asyncio.Event = field(default_factory=asyncio.Event)

    async def watch(self, stopping: asyncio.Event) -> None:
        try:
            with called_when(stopping, self._rest_is_over.set):
                await self._look_until(stopping)
        finally:
            await self.lag.close()

    async def _look_until(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            self._rest_is_over.clear()
            await self.look()
            if self._waiting == 0:
                await wait_for_beat(self._rest_is_over, REST_SECONDS)
            await wait_for_beat(stopping, LOOK_EVERY_SECONDS)

    async def look(self) -> None:
        """A broker that does not answer stops no upload here: publishing will find out whether it is away."""
        counted = self._accepted_since
        try:
            self._waiting = await self.lag.read()
        except Away as error:
            self._contact.away(error)
            self._waiting = 0
        else:
            self._contact.found()
        self._accepted_since -= counted
        self._log_change()

    def count_accepted(self) -> None:
        self._accepted_since += 1
        self._rest_is_over.set()

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
