"""Ends a client of the broker that could not stop in order: its tasks would look for the broker for ever.
What was under way fails for whoever waits for it, and is no error in the log where nobody does.

The library has no call for this, so we find its tasks and futures in the client's own fields. Open issues of
aio-libs/aiokafka: 1101, stop() of a producer hangs while Kafka is down; 1013, so does a consumer's.
"""

import asyncio
from collections.abc import Iterator
from itertools import chain
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import MessageAccumulator

from shared.hearing import hear

GOODBYE_SECONDS = 0.5  # for a broker to close its end of a connection; nobody waits longer for that
CANCELS = 20  # of one task, at most: it may wait for tasks of its own before it ends


async def give_up(client: object, stopping: asyncio.Task[None]) -> None:
    """`stopping` is what had to stop it."""
    parts = list(vars(client).values())
    await _cancel({stopping, *(task for part in parts for task in _tasks_of(part))})
    for part in parts:
        if isinstance(part, MessageAccumulator):
            _fail_messages(part)
        if isinstance(part, AIOKafkaClient):
            await _say_goodbye(part)


async def _cancel(under_way: set[asyncio.Task[Any]]) -> None:
    for task in under_way:
        task.add_done_callback(hear)
    for _ in range(CANCELS):
        if not under_way:
            return
        for task in under_way:
            task.cancel()
        _, under_way = await asyncio.wait(under_way, timeout=0.1)


def _tasks_of(part: object) -> Iterator[asyncio.Task[Any]]:
    for value in getattr(part, "__dict__", {}).values():
        held = value if isinstance(value, set) else (value,)
        yield from (task for task in held if isinstance(task, asyncio.Task))


def _fail_messages(accumulator: MessageAccumulator) -> None:
    for batch in [*chain.from_iterable(accumulator._batches.values()), *accumulator._pending_batches]:  # noqa: SLF001 - no other way
        for future in (batch.future, batch._drain_waiter, *(ack for ack, _ in batch._msg_futures)):  # noqa: SLF001 - as above
            future.add_done_callback(hear)
    accumulator.fail_all(KafkaError("the client was given up"))


async def _say_goodbye(client: AIOKafkaClient) -> None:
    closing = asyncio.create_task(client.close())
    closing.add_done_callback(hear)
    await asyncio.wait({closing}, timeout=GOODBYE_SECONDS)
    closing.cancel()
