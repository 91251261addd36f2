"""Starting and stopping any client of the broker within bounds, and telling when the broker is away."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, NoBrokersAvailable

from shared.broker_access import Security
from shared.hearing import hear
from shared.kafka.library.answers import take_answers_as_they_come
from shared.kafka.library.closed_connections import tell_closed_connections
from shared.kafka.library.giving_up import give_up
from shared.outcomes import Away

CONNECT_SECONDS = 6.0
STOP_SECONDS = 8.0
BROKER_AWAY = (KafkaError, OSError)  # TimeoutError is an OSError

T = TypeVar("T")
Client = TypeVar("Client", AIOKafkaConsumer, AIOKafkaProducer, AIOKafkaAdminClient)


def security_options(security: Security) -> dict[str, Any]:
    """The options that tell every kind of client."""
    password = None if security.password is None else security.password.get_secret_value()
    return {
        "security_protocol": security.protocol.value,
        "ssl_context": security.tls,
        "sasl_mechanism": security.mechanism.value,
        "sasl_plain_username": security.username,
        "sasl_plain_password": password,
    }


def away(error: Exception) -> Away:
    return Away("broker", f"{type(error).__name__} {error}".strip())


def no_topics(missing: Sequence[str], right: str) -> Away:
    return Away("broker", f"no topic {', '.join(missing)}, or no right to {right} it")


async def to_its_end(call: Coroutine[Any, Any, T]) -> T:
    """Lets the call end before a cancellation takes effect, because a client that is cancelled while it
    connects leaves a connection open. The call must have a time-out of its own.
    """
    task = asyncio.create_task(call)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.gather(task, return_exceptions=True)
        raise


async def started(client: Client) -> Client:
    """Starts a client within CONNECT_SECONDS, or leaves nothing of it behind."""
    try:
        return await to_its_end(_started(client))
    except asyncio.CancelledError:  # it may have started all the same, and nobody takes it any more
        await stop_quietly(client)
        raise


async def _started(client: Client) -> Client:
    tell_closed_connections()
    take_answers_as_they_come()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            await client.start()
        _require_a_broker(client)
    except BaseException:
        await stop_quietly(client)
        raise
    return client


def _require_a_broker(client: object) -> None:
    """A broker that has just begun itself names none. The library starts all the same, and fails with an
    assertion where it looks for one later.
    """
    inner = [part for part in vars(client).values() if isinstance(part, AIOKafkaClient)]
    if not all(each.cluster.brokers() for each in inner):
        raise NoBrokersAvailable


async def partitions_of(client: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    await client.end_offsets([TopicPartition(topic, 0)])  # from now on the client knows the topic
    return [TopicPartition(topic, number) for number in client.partitions_for_topic(topic)]


async def stop_quietly(client: Client) -> None:
    """In a task of its own: the library cancels tasks while it stops, and such a cancellation may come out of
    its stop(). It is not meant for us.
    """
    stop = client.close if isinstance(client, AIOKafkaAdminClient) else client.stop
    stopping = asyncio.create_task(stop())
    stopping.add_done_callback(hear)
    try:
        await asyncio.wait({stopping}, timeout=STOP_SECONDS)
    except asyncio.CancelledError:
        stopping.cancel()
        raise
    if not _has_stopped(stopping):
        await give_up(client, stopping)


def _has_stopped(stopping: asyncio.Task[None]) -> bool:
    if not stopping.done() or stopping.cancelled():
        return False
    error = stopping.exception()
    if error is not None and not isinstance(error, BROKER_AWAY):
        raise error
    return error is None
