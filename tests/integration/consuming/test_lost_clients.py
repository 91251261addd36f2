"""A client of the broker that no longer finds it, though it is there: it is given up for a new one, and
nothing of it is left, nor does an error of it go unheard.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from types import CoroutineType

import pytest
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.cluster import ClusterMetadata
from aiokafka.conn import AIOKafkaConnection
from aiokafka.errors import KafkaError, NotCoordinatorForGroupError

from shared.consuming.broker import Partition
from shared.consuming.handling import Incoming, Outgoing
from shared.consuming.member import progress, watch
from shared.contract.events import ImageRequested, Topic
from shared.kafka import connection, consumer, open_producer, producer
from shared.kafka.connection import started
from shared.kafka.consumer import KafkaConsumer
from shared.kafka.pause import KafkaPauseMemory
from shared.outcomes import Away
from tests.integration.consuming.worlds import (
    KafkaWorld,
    Member,
    Recorded,
    empty_topics,
    send,
    until_committed,
)
from tests.worlds.patience import until
from tests.worlds.processes.unheard import nothing_unheard

FOR_EVER = 3_600.0


@contextmanager
def little_patience() -> Iterator[None]:
    """What is asked for is what happens when patience ends, not how long it lasts. Outside of it the machine
    may be slow.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(progress, "UNANSWERED_SECONDS", 1.0)
        patch.setattr(watch, "LAG_CHECK_SECONDS", 0.2)
        patch.setattr(consumer, "COMMIT_SECONDS", 0.5)
        patch.setattr(connection, "STOP_SECONDS", 0.5)
        patch.setattr(producer, "PUBLISH_SECONDS", 0.5)
        yield


@pytest.fixture(autouse=True)
async def no_error_is_unheard() -> AsyncIterator[None]:
    with nothing_unheard():
        yield


def of_the_library() -> list[str]:
    """What the client library has under way."""
    running = [task.get_coro() for task in asyncio.all_tasks()]
    return [
        coroutine.__qualname__
        for coroutine in running
        if isinstance(coroutine, CoroutineType) and "aiokafka" in coroutine.cr_code.co_filename
    ]


async def test_a_consumer_whose_commits_are_never_answered_is_replaced(kafka: str, group: str) -> None:
    await empty_topics(kafka)
    seen: set[int] = set()

    async def handle(message: Incoming[ImageRequested]) -> Sequence[Outgoing]:
        seen.add(message.event.ordinal)
        return ()

    async with open_producer(kafka, "test") as publishing:
        world = KafkaWorld(kafka, publishing)
        membership = Recorded(world.membership(group))
        member = Member(membership, publishing).each(handle)
        await send(world, 10)
        await until_committed(world, group, 10)
        made = len(membership.made)  # more than one where the fresh broker did not know its topic at first
        await lose_the_coordinator(membership.made[-1])
        await send(world, 10, 10)
        await until(lambda: len(seen) == 20)  # it still reads
        with little_patience():
            await until(lambda: len(membership.made) > made)
        await until_committed(world, group, 20)
        await until(lambda: not member.health.reasons())
        await member.stop()
        assert member.health.stalls() == {}
    assert of_the_library() == []


class _Rebalances:
    def __init__(self) -> None:
        self.has_partitions = asyncio.Event()

    async def revoked(self) -> None: ...

    async def assigned(self, _: Sequence[Partition]) -> None:
        self.has_partitions.set()


async def test_a_commit_that_was_given_up_may_fail_later_and_is_no_error_in_the_log(
    kafka: str, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await empty_topics(kafka)
    rebalances, answer, topic = _Rebalances(), asyncio.Event(), Topic.IMAGE_REQUESTED

    async def answers_late(_: object) -> None:
        await answer.wait()
        raise NotCoordinatorForGroupError

    one = KafkaConsumer(bootstrap=kafka, group=group, topics=(topic,))
    await one.start(rebalances)
    await rebalances.has_partitions.wait()
    with little_patience(), monkeypatch.context() as patch:
        patch.setattr(one._client._coordinator, "_send_req", answers_late)  # type: ignore[union-attr] # it runs
        with pytest.raises(Away):
            await one.commit({Partition(topic, 0): 0})
        answer.set()
        await until(lambda: "GroupCoordinator._do_commit_offsets" not in of_the_library())
    await one.stop()
    assert of_the_library() == []


async def lose_the_coordinator(lost: KafkaConsumer) -> None:
    """As it was seen after a broker's restart: whoever looks for the coordinator waits for ever."""
    coordinator = lost._client._coordinator  # type: ignore[union-attr] # it runs
    await coordinator._coordinator_lookup_lock.acquire()
    coordinator.coordinator_dead()


async def lose_the_connection(lost: AIOKafkaProducer) -> None:
    """Whoever would connect again waits for ever."""
    await lost.client._get_conn_lock.acquire()
    for one in list(lost.client._conns.values()):
        one.close()


async def test_a_broker_that_says_no_goodbye_is_not_waited_for(kafka: str) -> None:
    """As behind TLS, where the other end may be busy."""
    client = await connection.started(AIOKafkaConsumer(bootstrap_servers=kafka))
    await client.topics()
    connections = list(client._client._conns.values())
    assert connections
    for one in connections:
        one._closed_fut = asyncio.get_running_loop().create_future()
    with little_patience():
        await connection.stop_quietly(client)
    assert of_the_library() == []


async def test_a_cancellation_within_a_client_that_stops_does_not_reach_whoever_stops_it(kafka: str) -> None:
    """As it was seen after a broker was away for a minute: the library cancels a fetch and awaits it, and
    what came out of that ended the consumer's task without a word.
    """
    client = await connection.started(AIOKafkaConsumer(bootstrap_servers=kafka))
    client._fetcher._pending_tasks.add(asyncio.create_task(asyncio.Event().wait()))
    await connection.stop_quietly(client)
    assert of_the_library() == []


async def test_a_client_that_was_told_of_no_broker_has_not_started(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a broker answers that has just begun itself: whoever started it would die of an assertion later."""
    monkeypatch.setattr(ClusterMetadata, "update_metadata", lambda *_: None)
    with pytest.raises(Away, match="NoBrokersAvailable"):
        await KafkaPauseMemory(kafka, "test", "test").is_paused()
    assert of_the_library() == []


async def test_a_consumer_whose_broker_is_away_does_not_knock_all_the_time(
    kafka: str, group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine whose broker starts anew needs its cores for that."""
    clock, knocks = asyncio.get_running_loop().time, 0

    async def refused(*_: object, **__: object) -> None:
        nonlocal knocks
        knocks += 1
        raise ConnectionRefusedError

    await empty_topics(kafka)
    async with open_producer(kafka, "test") as publishing:
        world = KafkaWorld(kafka, publishing)
        membership = Recorded(world.membership(group))
        member = Member(membership, publishing).each(nothing)
        await send(world, 1)
        await until_committed(world, group, 1)
        made = membership.made[-1]
        with monkeypatch.context() as patch:
            patch.setattr("aiokafka.client.create_conn", refused)
            for one in list(made._client._client._conns.values()):  # type: ignore[union-attr] # it runs
                one.close()
            began = clock()
            await until(lambda: knocks >= 12)
            assert clock() - began > 1.2  # 0.6 with ten a second
        await member.stop()


async def nothing(_: Incoming[ImageRequested]) -> Sequence[Outgoing]:
    return ()


async def fails(world: KafkaWorld) -> None:
    with pytest.raises(Away):
        await send(world, 1, 1)


async def test_a_producer_that_always_fails_is_replaced(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await empty_topics(kafka)
    async with open_producer(kafka, "test") as publishing:
        world = KafkaWorld(kafka, publishing)
        await send(world, 1)
        lost = publishing._client
        assert lost is not None
        await lose_the_connection(lost)
        with little_patience(), monkeypatch.context() as patch:
            patch.setattr(producer, "UNANSWERED_SECONDS", FOR_EVER)
            for _ in range(2):
                await fails(world)
                assert publishing._client is lost
            patch.setattr(producer, "UNANSWERED_SECONDS", 0.0)
            await fails(world)
            assert publishing._client is not lost
        await send(world, 1, 1)
    assert of_the_library() == []


async def reset(connection: AIOKafkaConnection) -> None:
    """By the broker, and whoever reads the connection has not heard of it yet."""
    connection._read_task.cancel()
    await asyncio.gather(connection._read_task, return_exceptions=True)
    connection._writer.transport.abort()
    while not connection._reader.at_eof():
        await asyncio.sleep(0)
    connection._reader._eof = False  # an error is no end


def test_a_connection_that_was_closed_a_moment_ago_is_a_broker_that_is_away(kafka: str) -> None:
    """R09: nothing dies of it. It is the event loop of the services that says so in its own way."""

    async def closes() -> None:
        reader = await started(AIOKafkaConsumer(bootstrap_servers=kafka))  # of no group: nobody else uses it
        try:
            client = reader._client
            await client.fetch_all_metadata()
            (connected,) = client._conns.values()
            await reset(connected)
            with pytest.raises(KafkaError):
                await client.fetch_all_metadata()
            await client.fetch_all_metadata()  # by a new connection
            assert not client._sync_task.done()
        finally:
            await reader.stop()

    uvloop.run(closes())
