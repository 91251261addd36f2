"""What happens to a message around its handler: a bug is contained, and what can never be handled becomes a
dead letter. It commits nothing and polls nothing.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.consuming.broker import NewRecord, PauseMemory, Producer, Record, Sleep
from shared.consuming.cloud_events import decode
from shared.consuming.dead_letter import ERROR_HEADER_CHARACTERS, dead_letter, notice
from shared.consuming.handling import HandleBatch, Incoming, Outgoing, ReportDead
from shared.consuming.outages import Outages
from shared.consuming.pause import GroupPause
from shared.consuming.pulses import Pulses
from shared.contract.events import Event
from shared.observing.health import Health
from shared.observing.logs import Action, log
from shared.observing.metrics import DEAD_LETTERS, MESSAGES_HANDLED
from shared.outcomes import Invalid
from shared.patience import Patience

BUG_RETRIES = 3
BUG_RETRY_SECONDS = 0.2
HANDLER_SECONDS = 170.0  # below the poll interval: no handler outlives its partition

Decoded = tuple[Record, Incoming[Event]]


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
    clock: Callable[[], float] = time.monotonic
    pulses: Pulses = field(init=False)
    outages: Outages = field(init=False)
    pause: GroupPause = field(init=False)

    def __post_init__(self) -> None:
        self.pulses = Pulses(self.clock)
        self.outages = Outages(group=self.group, health=self.health, pulses=self.pulses, sleep=self.sleep)
        self.pause = GroupPause(
            group=self.group, memory=self.pause_memory, outages=self.outages, health=self.health
        )

    async def settle(self, records: Sequence[Record]) -> None:
        decoded: list[Decoded] = []
        for record in records:
            try:
                decoded.append((record, decode(record)))
            except Exception as error:  # noqa: BLE001 - whatever strangers put into a topic
                await self._bury(record, None, error)
        if decoded:
            await self._settle(decoded)

    async def _settle(self, messages: Sequence[Decoded]) -> None:
        """Halves a batch that fails, until the culprit stands alone."""
        try:
            await self._handled(messages)
        except Exception as error:  # noqa: BLE001 - the one place where a bug is contained
            if len(messages) == 1:
                await self._bury(*messages[0], error)
                return
        else:
            MESSAGES_HANDLED.labels(self.group).inc(len(messages))
            self.pause.limit.handled(len(messages))
            return
        middle = len(messages) // 2
        await self._settle(messages[:middle])
        await self._settle(messages[middle:])

    async def _handled(self, messages: Sequence[Decoded]) -> None:
        """A single message that meets a bug is retried in place; a batch is halved instead."""
        incoming = [message for _, message in messages]
        for retry in range(BUG_RETRIES + 1):
            try:
                outgoing = await self.outages.while_away(lambda: self._bounded(incoming))
                await self._published(outgoing)
            except Invalid:
                raise
            except Exception as error:
                if len(incoming) > 1 or retry == BUG_RETRIES:
                    raise
                self._tell_failed(incoming[0], error, retry=retry)
                await self.sleep(BUG_RETRY_SECONDS * 2**retry)
            else:
                return

    async def _bounded(self, incoming: Sequence[Incoming[Event]]) -> Sequence[Outgoing]:
        with Patience(HANDLER_SECONDS, self.pulses.loop):
            return await self.handle_batch(incoming)

    async def _published(self, outgoing: Sequence[Outgoing]) -> None:
        await self.outages.while_away(lambda: self.producer.publish(outgoing))

    async def _bury(self, record: Record, message: Incoming[Event] | None, error: Exception) -> None:
        log.error(
            Action.MESSAGE_DEAD_LETTERED,
            group=self.group,
            topic=record.partition.topic,
            partition=record.partition.number,
            offset=record.offset,
            request_id=None if message is None else str(message.event.request_id),
            reason=f"{type(error).__name__}: {error}"[:ERROR_HEADER_CHARACTERS],
            exc_info=None if isinstance(error, Invalid) else error,  # which is no bug of ours
        )
        try:
            place = await self._put_aside(dead_letter(record, self.group, error))
        except Exception as refused:  # noqa: BLE001 - too large for the broker, or what else it never takes
            place = await self._put_aside(notice(record, self.group, error, refused))
        if message is not None and self.report_dead is not None:
            await self._report(message, self.report_dead)
        DEAD_LETTERS.labels(self.group).inc()
        await self.pause.put_aside(record.partition.topic, place)

    async def _put_aside(self, letter: NewRecord) -> int:
        return await self.outages.while_away(lambda: self.producer.put_aside(letter))

    async def _report(self, message: Incoming[Event], report_dead: ReportDead[Any]) -> None:
        try:
            await self._published(await self.outages.while_away(lambda: report_dead(message)))
        except Exception as error:  # noqa: BLE001 - a bug in the report must not stop the consumer
            self._tell_failed(message, error, report=True)

    def _tell_failed(self, message: Incoming[Event], error: Exception, **which: int) -> None:
        log.error(
            Action.MESSAGE_FAILED,
            group=self.group,
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            request_id=str(message.event.request_id),
            exc_info=error,
            **which,
        )
