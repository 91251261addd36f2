"""What happens to a message around its handler: waiting while a dependency is away, containing a bug, and
dead letters with their limit. It commits nothing and polls nothing.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from shared.consuming.broker import NewRecord, PauseMemory, Producer, Record, Sleep
from shared.consuming.cloud_events import decode
from shared.consuming.handling import HandleBatch, Incoming, Outgoing, ReportDead
from shared.contract.events import Event
from shared.observing.health import Health
from shared.observing.logs import Action, log
from shared.observing.metrics import CONSUMER_PAUSED, DEAD_LETTERS, MESSAGES_HANDLED
from shared.outcomes import Away, Invalid

BUG_RETRIES = 3
BUG_RETRY_SECONDS = 0.2
AWAY_FIRST_SECONDS = 0.2
AWAY_MOST_SECONDS = 5.0
HANDLER_SECONDS = 170.0  # below the poll interval: no handler outlives its partition
PAUSE_POLL_SECONDS = 2.0
ERROR_HEADER_CHARACTERS = 1_000

T = TypeVar("T")


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
class Containment:
    """Settles messages. When `settle` returns, each is handled and published, or its dead letter is."""

    group: str
    handle_batch: HandleBatch[Any]  # takes the events of its group's topics, which no type names
    producer: Producer
    pause_memory: PauseMemory
    health: Health
    report_dead: ReportDead[Any] | None = None
    sleep: Sleep = asyncio.sleep
    limit: DeadLetterLimit = field(default_factory=DeadLetterLimit)
    gate: asyncio.Event = field(default_factory=asyncio.Event)  # closed while the consumer is paused
    _tripped: asyncio.Event = field(default_factory=asyncio.Event)
    _away: int = 0

    @property
    def waiting(self) -> bool:
        """Whether some message waits for a dependency that is away."""
        return self._away > 0

    async def settle(self, records: Sequence[Record]) -> None:
        await self.gate.wait()
        decoded: list[tuple[Record, Incoming[Event]]] = []
        for record in records:
            try:
                decoded.append((record, decode(record)))
            except Invalid as error:
                await self._bury(record, None, error)
        if decoded:
            await self._settle(decoded)

    async def _settle(self, messages: Sequence[tuple[Record, Incoming[Event]]]) -> None:
        """Halves a batch that fails, until the culprit stands alone."""
        try:
            outgoing = await self._handled(messages)
        except Invalid as error:
            if len(messages) == 1:
                await self._bury(*messages[0], error)
                return
        except Exception as error:  # noqa: BLE001 - the one place where a bug is contained
            if len(messages) == 1:
                await self._bury(*messages[0], error)
                return
        else:
            await self._published(outgoing)
            MESSAGES_HANDLED.labels(self.group).inc(len(messages))
            for _ in messages:
                self.limit.record(dead=False)
            return
        middle = len(messages) // 2
        await self._settle(messages[:middle])
        await self._settle(messages[middle:])

    async def _handled(self, messages: Sequence[tuple[Record, Incoming[Event]]]) -> Sequence[Outgoing]:
        """A single message that meets a bug is retried in place; a batch is halved instead."""
        incoming = [message for _, message in messages]
        for retry in range(BUG_RETRIES + 1):
            try:
                return await self._while_away(lambda: self._bounded(incoming))
            except Invalid:
                raise
            except Exception as error:
                if len(incoming) > 1 or retry == BUG_RETRIES:
                    raise
                log.error(Action.MESSAGE_FAILED, group=self.group, retry=retry, exc_info=error)
                await self.sleep(BUG_RETRY_SECONDS * 2**retry)
        raise AssertionError("unreachable")

    async def _bounded(self, incoming: Sequence[Incoming[Event]]) -> Sequence[Outgoing]:
        async with asyncio.timeout(HANDLER_SECONDS):
            return await self.handle_batch(incoming)

    async def _published(self, outgoing: Sequence[Outgoing]) -> None:
        await self._while_away(lambda: self.producer.publish(outgoing))

    async def _while_away(self, call: Callable[[], Awaitable[T]]) -> T:
        """Repeats the call for as long as a dependency is away: an outage delays and never fails."""
        wait_seconds = AWAY_FIRST_SECONDS
        waited = False
        try:
            while True:
                try:
                    return await call()
                except Away as away:
                    self._away += not waited
                    waited = True
                    self._tell_away(away)
                await self.sleep(wait_seconds)
                wait_seconds = min(wait_seconds * 2, AWAY_MOST_SECONDS)
        finally:
            if waited:
                self._away -= 1
                self._tell_back()

    def _tell_away(self, away: Away) -> None:
        if self.group not in self.health.reasons():
            log.warning(Action.DEPENDENCY_AWAY, group=self.group, reason=str(away))
        self.health.unready(self.group, str(away))

    def _tell_back(self) -> None:
        if self._away == 0:
            log.info(Action.DEPENDENCY_BACK, group=self.group)
            self.health.ready(self.group)

    async def _bury(self, record: Record, message: Incoming[Event] | None, error: Exception) -> None:
        log.error(
            Action.MESSAGE_DEAD_LETTERED,
            group=self.group,
            topic=record.partition.topic,
            partition=record.partition.number,
            offset=record.offset,
            exc_info=error,
        )
        letter = dead_letter(record, self.group, error)
        await self._while_away(lambda: self.producer.publish_records([letter]))
        if message is not None and self.report_dead is not None:
            await self._report(message, self.report_dead)
        DEAD_LETTERS.labels(self.group).inc()
        self.limit.record(dead=True)
        if self.limit.tripped:
            await self._pause()

    async def _report(self, message: Incoming[Event], report_dead: ReportDead[Any]) -> None:
        try:
            outgoing = await self._while_away(lambda: report_dead(message))
        except Exception as error:  # noqa: BLE001 - a bug in the report must not stop the consumer
            log.error(Action.MESSAGE_FAILED, group=self.group, report=True, exc_info=error)
            return
        await self._published(outgoing)

    async def _pause(self) -> None:
        self.gate.clear()
        log.error(Action.CONSUMER_PAUSED, group=self.group)
        CONSUMER_PAUSED.labels(self.group).set(1)
        await self._while_away(self.pause_memory.remember)
        self._tripped.set()

    async def guard_gate(self) -> None:
        """Runs beside the consumer. A gate that was closed, now or by an earlier process, stays closed until
        an operator lets the group go on.
        """
        part = f"{self.group} paused"
        while True:
            self._tripped.clear()
            while await self._while_away(self.pause_memory.is_paused):
                CONSUMER_PAUSED.labels(self.group).set(1)
                self.health.unready(part, "too many dead letters; an operator must let it go on")
                await self.sleep(PAUSE_POLL_SECONDS)
            self.limit.reset()
            CONSUMER_PAUSED.labels(self.group).set(0)
            self.health.ready(part)
            self.gate.set()
            await self._tripped.wait()


def dead_letter(record: Record, group: str, error: Exception) -> NewRecord:
    """The message as it came, with where it came from and why."""
    reasons = {
        "dlq_topic": record.partition.topic,
        "dlq_partition": str(record.partition.number),
        "dlq_offset": str(record.offset),
        "dlq_group": group,
        "dlq_error_type": type(error).__name__,
        "dlq_error": str(error)[:ERROR_HEADER_CHARACTERS],
    }
    headers = [*record.headers, *((name, value.encode()) for name, value in reasons.items())]
    return NewRecord(f"{record.partition.topic}.dlq", record.key, record.value, headers)
