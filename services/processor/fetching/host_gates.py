"""How many requests one host gets at once: fewer while it is overloaded, none while it does not answer.

Waiting for a host holds a task, never a decoder. The rules are in `HostGate`, which reads no clock.
"""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice

from services.processor.verdicts import Failure
from shared.contract.codes import Code, FailureCode, HttpCode, http_code

MAX_HOSTS = 4096
WAIT_SECONDS = 30.0  # before a gate; for a Retry-After that is longer, status waits
AWAY_IN_A_ROW = 10
SILENT_IN_A_ROW = 3  # time-outs of a host that never answered: each takes its whole time
DOUBT_SECONDS = 30.0  # the rest when a longer one is asked for the first time: it may be meant for one URL
LOOK_EVERY_SECONDS = 1.0
HALVE_AT_MOST_EVERY_SECONDS = 1.0
OVERLOADED: frozenset[Code] = frozenset({http_code(429), http_code(503)})
SLOWED: frozenset[Code] = OVERLOADED | {FailureCode.TIMED_OUT}
# Failures of the whole host, never of one URL alone, and how long it is left alone after some in a row: less
# long where asking in vain costs nothing.
AWAY_REST_SECONDS: Mapping[Code, float] = {
    FailureCode.TIMED_OUT: 30.0,
    FailureCode.CONNECT_FAILED: 15.0,
    FailureCode.DNS_FAILED: 15.0,
}

Host = tuple[str, str, int]  # scheme, name, port


@dataclass(slots=True, kw_only=True)
class HostGate:
    """What is known of one host: additive increase, multiplicative decrease, and a breaker."""

    limit: int
    allowed: float = 0.0
    busy: int = 0
    closed_until: float = 0.0
    closed_for: Code = FailureCode.TIMED_OUT  # what closed it
    away_in_a_row: int = 0
    has_answered: bool = False
    wanted_long: bool = False  # it asked for a rest beyond DOUBT_SECONDS and has not answered since
    halved_at: float = float("-inf")
    waiting: int = 0
    freed: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        self.allowed = float(self.limit)

    def has_room(self, now: float) -> bool:
        return now >= self.closed_until and self.busy < int(self.allowed)

    def refusal(self, now: float) -> Failure | None:
        """Why waiting is of no use."""
        seconds = self.closed_until - now
        if seconds <= 0 or (self.closed_for not in AWAY_REST_SECONDS and seconds <= WAIT_SECONDS):
            return None
        return Failure(self.closed_for, "this host is given a rest", math.ceil(seconds))

    def learn(self, failure: Failure | None, now: float) -> None:
        """From the end of one request; None for an answer that came."""
        code = None if failure is None else failure.code
        self.away_in_a_row = self.away_in_a_row + 1 if code in AWAY_REST_SECONDS else 0
        if _is_ordinary_answer(code):
            self.has_answered, self.wanted_long = True, False
        if failure is None:
            self.allowed = min(float(self.limit), self.allowed + 1 / self.allowed)
            return
        if failure.code in SLOWED and now - self.halved_at >= HALVE_AT_MOST_EVERY_SECONDS:
            self.allowed, self.halved_at = max(1.0, self.allowed / 2), now
        if failure.code in OVERLOADED:
            self._close(now + self._believed(failure.retry_after_seconds or 0, now), failure.code)
        elif self.away_in_a_row >= self._most_in_a_row(failure.code):
            self.allowed = 1.0  # after the rest, one request finds out
            self._close(now + AWAY_REST_SECONDS[failure.code], failure.code)

    def _most_in_a_row(self, code: Code) -> int:
        return SILENT_IN_A_ROW if code is FailureCode.TIMED_OUT and not self.has_answered else AWAY_IN_A_ROW

    def _believed(self, seconds: float, now: float) -> float:
        """How long a Retry-After closes the gate. A long one may be meant for one URL only, so it is believed
        when the host repeats it after a short rest. A request that ends while the gate is closed was sent
        before and repeats nothing.
        """
        if seconds <= DOUBT_SECONDS:
            return seconds
        if self.wanted_long and now >= self.closed_until:
            return seconds
        self.wanted_long, self.allowed = True, 1.0  # after the rest, one request finds out
        return DOUBT_SECONDS

    def _close(self, until: float, code: Code) -> None:
        if until > self.closed_until:
            self.closed_until, self.closed_for = until, code


def _is_ordinary_answer(code: Code | None) -> bool:
    """Whether the host works as on any other day; a 404 is such an answer, too."""
    if code is None or code is FailureCode.TOO_LARGE:
        return True
    return isinstance(code, HttpCode) and code not in OVERLOADED


class HostGates:
    """The gates of the hosts that were asked lately."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit = limit
        self._clock = clock
        self._gates: OrderedDict[Host, HostGate] = OrderedDict()

    @asynccontextmanager
    async def passage(self, host: Host, wait_seconds: float = WAIT_SECONDS) -> AsyncIterator["Passage"]:
        """One request's way through this host's gate. Its `refusal`, if any, says why it must not be sent."""
        gate = self._gate(host)
        refusal = await self._enter(gate, wait_seconds)
        passage = Passage(refusal)
        try:
            yield passage
        finally:
            if refusal is None:
                gate.busy -= 1
                if passage.ended:
                    gate.learn(passage.failure, self._clock())
                await self._wake(gate)

    def _gate(self, host: Host) -> HostGate:
        gate = self._gates.get(host)
        if gate is None:
            gate = self._gates[host] = HostGate(limit=self._limit)
        self._gates.move_to_end(host)
        for known in list(islice(self._gates, max(0, len(self._gates) - MAX_HOSTS))):
            if not self._gates[known].busy and not self._gates[known].waiting:
                del self._gates[known]
        return gate

    async def _enter(self, gate: HostGate, wait_seconds: float) -> Failure | None:
        now = self._clock()
        refusal = gate.refusal(now)
        if refusal is None and (gate.waiting or not gate.has_room(now)):  # no overtaking
            gate.waiting += 1
            try:
                refusal = await self._wait_for_room(gate, now + wait_seconds)
            finally:
                gate.waiting -= 1
        if refusal is None:
            gate.busy += 1
        return refusal

    async def _wait_for_room(self, gate: HostGate, give_up_at: float) -> Failure | None:
        while True:
            await self._wait(gate)
            now = self._clock()
            refusal = gate.refusal(now)
            if refusal is not None or gate.has_room(now):
                return refusal
            if now >= give_up_at:
                return Failure(FailureCode.TIMED_OUT, "no turn at this busy host in time")

    async def _wait(self, gate: HostGate) -> None:
        """Until a request ends, or it is time to look at the clock again."""
        until_open = gate.closed_until - self._clock()
        with suppress(TimeoutError):
            async with asyncio.timeout(min(LOOK_EVERY_SECONDS, max(until_open, 0) or LOOK_EVERY_SECONDS)):
                async with gate.freed:
                    await gate.freed.wait()

    async def _wake(self, gate: HostGate) -> None:
        async with gate.freed:
            gate.freed.notify(max(0, int(gate.allowed) - gate.busy))


@dataclass(slots=True)
class Passage:
    refusal: Failure | None
    ended: bool = False
    failure: Failure | None = None

    def end(self, failure: Failure | None) -> None:
        """Tells the gate how the request ended. One that is cancelled tells nothing."""
        self.ended, self.failure = True, failure
