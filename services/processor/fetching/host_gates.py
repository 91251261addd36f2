"""Everybody's way to a host: who waits for its gate, who passes, and who is sent away until later.

Waiting for a host holds a task, never a decoder. When a gate is open, its rules say (`host_gate.py`).
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice

from services.processor.fetching.host_gate import WAIT_SECONDS, HostGate, Sent
from services.processor.fetching.host_width import HostWidth
from services.processor.fetching.outages import NOTHING_TOLD, Told
from services.processor.verdicts import Failure, NotNow

MAX_HOSTS = 4096
MOST_WAITING_SHARE = 1 / 3  # of the images under way, for hosts that take only so many a second
LOOK_EVERY_SECONDS = 1.0
SHORTEST_WAIT_SECONDS = 0.001

Host = tuple[str, str, int]  # scheme, name, port


@dataclass(slots=True, kw_only=True)
class _Door(HostGate):
    """A gate, and who waits before it."""

    waiters: deque[asyncio.Future[None]] = field(default_factory=deque)


class HostGates:
    """The gates of the hosts that were asked lately, for a processor that works on so many images at once."""

    def __init__(self, limit: int, *, under_way: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._most_waiting = int(under_way * MOST_WAITING_SHARE)
        self._waiting_for_turns = 0  # at hosts that take only so many a second
        self._gates: OrderedDict[Host, _Door] = OrderedDict()

    @asynccontextmanager
    async def passage(
        self, host: Host, wait_seconds: float = WAIT_SECONDS, *, url: str = "", told: Told = NOTHING_TOLD
    ) -> AsyncIterator["Passage"]:
        """One request's way through this host's gate. Its `refusal`, if any, says why it must not be sent."""
        gate = self._gate(host)
        gate.outage.hear(told, self._clock())
        refusal = await self._refusal(gate, wait_seconds)
        sent = gate.send(self._clock(), url, is_new=told.is_new) if refusal is None else None
        try:
            yield Passage(gate, refusal, self._clock, sent)
        finally:
            if sent is not None:
                gate.busy -= 1
                self._wake(gate)

    def _gate(self, host: Host) -> _Door:
        gate = self._gates.get(host)
        if gate is None:
            gate = self._gates[host] = _Door(width=HostWidth(limit=self._limit))
        self._gates.move_to_end(host)
        for known in list(islice(self._gates, max(0, len(self._gates) - MAX_HOSTS))):
            if not self._gates[known].busy and not self._gates[known].waiting:
                del self._gates[known]
        return gate

    async def _refusal(self, gate: _Door, wait_seconds: float) -> Failure | NotNow | None:
        """None once there is room for a request, which has to be sent before anything else happens."""
        now = self._clock()
        refusal = gate.refusal(now)
        if refusal is None and (gate.waiting or not gate.has_room(now)):  # no overtaking
            return await self._queue(gate, now + wait_seconds)
        return refusal

    async def _queue(self, gate: _Door, give_up_at: float) -> Failure | NotNow | None:
        is_limited = gate.rate.is_limited
        most = min(gate.most_waiting(), gate.waiting + self._most_waiting - self._waiting_for_turns)
        if is_limited and gate.waiting >= most:
            return gate.later(self._clock())
        gate.waiting += 1
        self._waiting_for_turns += is_limited
        try:
            return await self._wait_for_room(gate, give_up_at)
        finally:
            gate.waiting -= 1
            self._waiting_for_turns -= is_limited

    async def _wait_for_room(self, gate: _Door, give_up_at: float) -> Failure | NotNow | None:
        while True:
            await self._wait(gate)
            now = self._clock()
            refusal = gate.refusal(now)
            if refusal is not None or gate.has_room(now):
                return refusal
            if now >= give_up_at or gate.waiting > gate.most_waiting():
                return gate.later(now)

    async def _wait(self, gate: _Door) -> None:
        """Until a request ends, or it is time to look at the clock again."""
        until_open = gate.opens_at() - self._clock()
        seconds = max(until_open, SHORTEST_WAIT_SECONDS) if until_open > 0 else LOOK_EVERY_SECONDS
        loop = asyncio.get_running_loop()
        freed: asyncio.Future[None] = loop.create_future()
        gate.waiters.append(freed)
        timer = loop.call_later(min(seconds, LOOK_EVERY_SECONDS), _tell, freed)
        try:
            await freed
        finally:
            timer.cancel()
            with suppress(ValueError):  # who was woken stands there no more
                gate.waiters.remove(freed)

    def _wake(self, gate: _Door) -> None:
        for _ in range(min(len(gate.waiters), max(0, int(gate.width.allowed) - gate.busy))):
            _tell(gate.waiters.popleft())


def _tell(freed: asyncio.Future[None]) -> None:
    if not freed.done():
        freed.set_result(None)


@dataclass(frozen=True, slots=True)
class Passage:
    gate: HostGate
    refusal: Failure | NotNow | None
    clock: Callable[[], float]
    sent: Sent | None

    @property
    def witness(self) -> str | None:
        """A URL of this host that is to be asked for first, as the host may be away."""
        return None if self.sent is None else self.sent.witness

    def end_witness(self, failure: Failure | None) -> Failure | NotNow | None:
        """Why the request must not be sent after all."""
        if self.sent is None:
            raise RuntimeError("what was refused has not been sent")
        return self.gate.end_witness(failure, self.sent, self.clock())

    def end(self, failure: Failure | None) -> Failure | NotNow | None:
        """Tells the gate how the request ended, and says what that means for its image. One that is cancelled
        tells nothing.
        """
        if self.sent is None:
            raise RuntimeError("what was refused has not been sent")
        return self.gate.end(failure, self.sent, self.clock())
