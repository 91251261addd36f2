"""Waiting while a dependency is away: an outage delays and never fails. It knows no message."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from shared.consuming.broker import Sleep
from shared.consuming.pulses import Pulses
from shared.observing.contact import Contact
from shared.observing.health import Health
from shared.outcomes import Away

AWAY_FIRST_SECONDS = 0.2
AWAY_MOST_SECONDS = 5.0

T = TypeVar("T")


class StrayCancellation(Exception):  # noqa: N818 - not an error of the call
    """A call was cancelled, and nobody had cancelled us: something that it waited for was."""


@dataclass(slots=True, kw_only=True)
class Outages:
    """Repeats calls of one group for as long as what they need is away."""

    group: str
    health: Health
    pulses: Pulses
    sleep: Sleep
    _away: int = 0
    _contact: Contact = field(init=False)

    def __post_init__(self) -> None:
        self._contact = Contact(group=self.group)

    @property
    def waiting(self) -> bool:
        """Whether some call waits for a dependency that is away."""
        return self._away > 0

    async def while_away(self, call: Callable[[], Awaitable[T]]) -> T:
        wait_seconds, waited = AWAY_FIRST_SECONDS, False
        try:
            while True:
                self.pulses.note()
                try:
                    answer = await _heard(call())
                    break
                except Away as away:
                    self._away += not waited
                    waited = True
                    self._tell(away)
                await self.sleep(wait_seconds)
                wait_seconds = min(wait_seconds * 2, AWAY_MOST_SECONDS)
        finally:
            if waited:
                self._end_wait()
        if not self.waiting:
            self._contact.found()
        return answer

    def _tell(self, away: Away) -> None:
        self._contact.lost(dependency=away.dependency, reason=str(away))
        self.health.unready(self.group, str(away))

    def _end_wait(self) -> None:
        """Also when whoever waits is cancelled: then nothing has come back."""
        self._away -= 1
        if not self.waiting:
            self.health.ready(self.group)


async def _heard(call: Awaitable[T]) -> T:
    """A cancellation that is not ours would end our task without a word, and its message with it."""
    try:
        return await call
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise StrayCancellation(str(error) or "the call was cancelled from within") from error
