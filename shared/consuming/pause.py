"""Holding a whole group that meets too many dead letters, until an operator lets it go on. It handles no
message.
"""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from shared.consuming.broker import PauseMemory
from shared.consuming.outages import Outages
from shared.observing.health import Health
from shared.observing.logs import Action, log
from shared.observing.metrics import CONSUMER_PAUSED
from shared.outcomes import Away
from shared.waits import wait_for_beat

PAUSE_POLL_SECONDS = 2.0  # while the group is paused
PAUSE_LOOK_SECONDS = 5.0  # while it is not: another member may have paused it


@dataclass(slots=True)
class DeadLetterLimit:
    """Trips when too many of the last messages died, or too many in a row: then a deploy is broken."""

    among_last: int = 1_000
    allowed: int = 100
    _last: deque[bool] = field(default_factory=deque)
    _dead: int = 0
    _in_a_row: int = 0

    def record(self, *, dead: bool) -> None:
        self._last.append(dead)
        self._dead += dead
        self._in_a_row = self._in_a_row + 1 if dead else 0
        if len(self._last) > self.among_last:
            self._dead -= self._last.popleft()

    @property
    def tripped(self) -> bool:
        return self._dead > self.allowed or self._in_a_row >= self.allowed

    def reset(self) -> None:
        self._last.clear()
        self._dead = self._in_a_row = 0


@dataclass(slots=True, kw_only=True)
class GroupPause:
    """Nothing is begun while the gate is closed. It is closed by this member's dead letters, and by what any
    member of the group remembered, now or before a restart.
    """

    group: str
    memory: PauseMemory
    outages: Outages
    health: Health
    limit: DeadLetterLimit = field(default_factory=DeadLetterLimit)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    _remembered: asyncio.Event = field(default_factory=asyncio.Event)

    async def record(self, *, dead: bool) -> None:
        self.limit.record(dead=dead)
        if dead and self.limit.tripped:
            await self._pause()

    async def _pause(self) -> None:
        self._close()
        await self.outages.while_away(self.memory.remember)
        self._remembered.set()

    async def guard(self) -> None:
        """Runs beside the consumer, which may do nothing before it has looked."""
        while True:
            self._remembered.clear()
            while await self.outages.while_away(self.memory.is_paused):
                self._close()
                await self.outages.sleep(PAUSE_POLL_SECONDS)
            self._open()
            await self._until_paused()

    async def _until_paused(self) -> None:
        while not self._remembered.is_set():
            await wait_for_beat(self._remembered, PAUSE_LOOK_SECONDS)
            if self.gate.is_set() and await self._is_paused_by_another():
                return

    async def _is_paused_by_another(self) -> bool:
        try:
            return await self.memory.is_paused()
        except Away:  # whoever needs the broker tells that it is away
            return False

    def _close(self) -> None:
        CONSUMER_PAUSED.labels(self.group).set(1)
        self.health.hold(self.group, "paused: too many dead letters; an operator must let it go on")
        if self.gate.is_set():
            self.gate.clear()
            log.error(Action.CONSUMER_PAUSED, group=self.group)

    def _open(self) -> None:
        self.limit.reset()
        CONSUMER_PAUSED.labels(self.group).set(0)
        self.health.let_go(self.group)
        self.gate.set()
