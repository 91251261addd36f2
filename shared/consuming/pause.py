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
    """Trips when too many of the last messages of a group died: then a deploy is broken. A member knows its
    own messages. How many letters the others wrote between two of its own, their places in the topic tell; it
    takes it that others handle as many messages for a letter as it does. That is said by several letters of
    its own alone: a member may hardly have work while others handle millions.
    """

    among_last: int = 1_000
    too_many: int = 100
    least_own: int = 5
    _settled: int = 0  # by us, handled or dead
    _letters: int = 0  # by the group, as far as ours have shown
    _last_places: dict[str, int] = field(default_factory=dict)  # of our letters, by topic
    _since: deque[tuple[int, int]] = field(default_factory=deque)  # both counts before each of our letters

    def handled(self, messages: int) -> None:
        self._settled += messages

    def put_aside(self, topic: str, place: int) -> None:
        """A letter of ours lies there. Two that were written at once may be told of in either order."""
        last = self._last_places.get(topic, place - 1)
        self._last_places[topic] = max(last, place)
        self._letters += max(0, place - last)
        self._since.append((self._settled, self._letters - 1))
        self._settled += 1
        while len(self._since) > self.least_own and self._letters_since(1) >= self.too_many:
            self._since.popleft()

    @property
    def tripped(self) -> bool:
        if len(self._since) < self.least_own or (letters := self._letters_since(0)) < self.too_many:
            return False
        messages = self._settled - self._since[0][0]
        return messages * letters / len(self._since) <= self.among_last

    def _letters_since(self, ours: int) -> int:
        """At least our own, also in a topic that was made anew and counts from 0 again."""
        return max(self._letters - self._since[ours][1], len(self._since) - ours)

    def reset(self) -> None:
        self._since.clear()
        self._last_places.clear()


@dataclass(slots=True, kw_only=True)
class GroupPause:
    """Nothing is begun while the gate is closed. It is closed by the group's dead letters, as this member
    sees them, and by what any member of the group remembered, now or before a restart.
    """

    group: str
    memory: PauseMemory
    outages: Outages
    health: Health
    limit: DeadLetterLimit = field(default_factory=DeadLetterLimit)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    _remembered: asyncio.Event = field(default_factory=asyncio.Event)

    async def put_aside(self, topic: str, place: int) -> None:
        self.limit.put_aside(topic, place)
        if self.limit.tripped:
            await self._pause()

    async def _pause(self) -> None:
        self._close()
        await self.outages.while_away(self.memory.remember)
        self._remembered.set()

    async def guard(self) -> None:
        """Runs beside the consumer, which may do nothing before it has looked."""
        try:
            await self._watch()
        finally:
            await self.memory.close()

    async def _watch(self) -> None:
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
