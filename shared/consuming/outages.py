"""Waiting while a dependency is away: an outage delays and never fails. It knows no message."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from shared.consuming.broker import Sleep
from shared.consuming.pulses import Pulses
from shared.observing.health import Health
from shared.observing.logs import Action, log
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

    @property
    def waiting(self) -> bool:
        """Whether some call waits for a dependency that is away."""
        return self._away > 0

    async def while_away(self, call: Callable[[], Awaitable[T]]) -> T:
        wait_seconds = AWAY_FIRST_SECONDS
        waited, is_back = False, True
        try:
            while True:
                self.pulses.beat()
                try:
                    return await _heard(call())
                except Away as away:
                    self._away += not waited
                    waited = True
                    self._tell_away(away)
                await self.sleep(wait_seconds)
                wait_seconds = min(wait_seconds * 2, AWAY_MOST_SECONDS)
        except asyncio.CancelledError:  # at a stop: nobody waits any more, and nothing has come back
            is_back = False
            raise
        finally:
            if waited:
                self._away -= 1
                self._tell_end(is_back=is_back)

    def _tell_away(self, away: Away) -> None:
        if self.group not in self.health.reasons():
            log.warning(Action.DEPENDENCY_AWAY, group=self.group, reason=str(away))
        self.health.unready(self.group, str(away))

    def _tell_end(self, *, is_back: bool) -> None:
        if self._away > 0:
            return
        if is_back:
            log.info(Action.DEPENDENCY_BACK, group=self.group)
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
