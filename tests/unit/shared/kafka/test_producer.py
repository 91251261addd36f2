"""A publication and a check end in bounded time. A producer's client that fails for long is given up for a
new one, whatever else it still does.
"""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka import TopicPartition
from aiokafka.cluster import ClusterMetadata
from aiokafka.errors import KafkaTimeoutError, NotLeaderForPartitionError
from aiokafka.producer.message_accumulator import MessageAccumulator

from shared.consuming.broker import NewRecord
from shared.consuming.member.progress import UNANSWERED_SECONDS
from shared.kafka import producer
from shared.kafka.appending import MANY_RECORDS
from shared.kafka.producer import CHECK_SECONDS, PUBLISH_SECONDS, KafkaProducer
from shared.observing.health import Health
from shared.outcomes import Away
from shared.readiness import watch_dependencies
from tests.worlds.processes.unheard import nothing_unheard
from tests.worlds.simulated.jumping_loop import in_a_jumping_loop

RECORD = NewRecord("image.processed", b"key", b"value", ())


class Client:
    """Finds one broker, and no longer the one that leads the partitions."""

    def __init__(self) -> None:
        self.client = self
        self.stopped = False

    async def send(self, *_: object, **__: object) -> object:
        raise NotLeaderForPartitionError

    async def fetch_all_metadata(self) -> Any:
        return SimpleNamespace(partitions_for_topic=lambda _: {0})

    async def stop(self) -> None:
        self.stopped = True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    shown = SimpleNamespace(now=0.0)
    monkeypatch.setattr(producer, "time", SimpleNamespace(monotonic=lambda: shown.now))
    return shown


async def failed(publishing: KafkaProducer) -> None:
    with pytest.raises(Away):
        await publishing.publish_records([RECORD])


async def test_a_client_whose_publications_alone_fail_is_replaced(clock: SimpleNamespace) -> None:
    client: Any = Client()
    publishing = KafkaProducer("127.0.0.1:1", "test", _client=client)
    for clock.now in (0.0, UNANSWERED_SECONDS):
        await failed(publishing)
        await publishing.check()
        assert publishing._client is client
    clock.now = UNANSWERED_SECONDS + 1
    await failed(publishing)
    assert publishing._client is None
    await publishing.close()
    assert client.stopped


async def test_a_client_that_was_given_up_says_nothing_of_the_next(clock: SimpleNamespace) -> None:
    following: Any = Client()

    class Former(Client):
        async def send(self, *_: object, **__: object) -> None:
            publishing._client = following
            raise NotLeaderForPartitionError

    publishing = KafkaProducer("127.0.0.1:1", "test", _client=Former())
    await failed(publishing)
    clock.now = UNANSWERED_SECONDS + 1
    await failed(publishing)
    assert publishing._client is following
    await publishing.close()


async def test_who_publishes_goes_on_as_soon_as_all_is_acknowledged() -> None:
    """The loop turns once for the acknowledgements and once for whoever waits for them, and no more."""
    acks = [asyncio.get_running_loop().create_future() for _ in range(2)]
    left = iter(acks)

    class Acknowledging(Client):
        async def send(self, *_: object, **__: object) -> object:
            return next(left)

    client: Any = Acknowledging()
    publishing = asyncio.create_task(
        KafkaProducer("127.0.0.1:1", "test", _client=client).publish_records([RECORD] * 2)
    )
    await asyncio.sleep(0)
    for ack in acks:
        ack.set_result(None)
    for _ in range(2):
        assert not publishing.done()
        await asyncio.sleep(0)
    assert publishing.done()
    await publishing


async def test_acks_that_nobody_waits_for_any_more_fail_unheard_of() -> None:
    """Of a publication whose last message found no room in time."""

    acks: list[asyncio.Future[None]] = []

    class Full(Client):
        async def send(self, *_: object, **__: object) -> asyncio.Future[None]:
            if acks:
                raise KafkaTimeoutError
            acks.append(asyncio.get_running_loop().create_future())
            return acks[0]

    client: Any = Full()
    with nothing_unheard():
        with pytest.raises(Away):
            await KafkaProducer("127.0.0.1:1", "test", _client=client).publish_records([RECORD] * 2)
        acks.pop().set_exception(NotLeaderForPartitionError())
        await asyncio.sleep(0)


async def test_batches_that_fail_when_nobody_waits_any_more_fail_unheard_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a publication of many messages whose time is over; the library gives them up later, by itself."""
    monkeypatch.setattr(producer, "PUBLISH_SECONDS", 0.01)
    accumulator = MessageAccumulator(ClusterMetadata(), 100_000, 0, 60)

    class Unreachable(Client):
        create_batch = staticmethod(accumulator.create_builder)

        async def partitions_for(self, _: str) -> set[int]:
            return {0}

        async def send_batch(self, batch: Any, topic: str, *, partition: int) -> Any:
            return await accumulator.add_batch(batch, TopicPartition(topic, partition), 1.0)

    client: Any = Unreachable()
    with nothing_unheard():
        with pytest.raises(Away):
            await KafkaProducer("127.0.0.1:1", "test", _client=client).publish_records(
                [RECORD] * MANY_RECORDS
            )
        accumulator._pop_batch(TopicPartition(RECORD.topic, 0)).failure(KafkaTimeoutError())
        await asyncio.sleep(0)


class SilentClient(Client):
    """Waits for answers that never come."""

    async def send(self, *_: object, **__: object) -> Any:
        return asyncio.get_running_loop().create_future()

    async def fetch_all_metadata(self) -> Any:
        await asyncio.Event().wait()


def test_a_broker_that_stands_still_is_away_after_a_time_that_is_known() -> None:
    async def story() -> None:
        clock, client = asyncio.get_running_loop().time, SilentClient()
        publishing = KafkaProducer("127.0.0.1:1", "test", _client=cast("Any", client))
        began = clock()
        await failed(publishing)
        assert clock() - began == pytest.approx(PUBLISH_SECONDS)
        began = clock()
        with pytest.raises(Away):
            await publishing.check()
        assert clock() - began == pytest.approx(CHECK_SECONDS)
        await publishing.close()

    in_a_jumping_loop(story)


def test_a_client_whose_checks_are_never_answered_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where nobody publishes, because the service is not ready for as long."""

    async def story() -> None:
        clock, stopping = asyncio.get_running_loop().time, asyncio.Event()
        monkeypatch.setattr(producer, "time", SimpleNamespace(monotonic=clock))
        client: Any = SilentClient()
        publishing = KafkaProducer("127.0.0.1:1", "test", _client=client)
        watching = asyncio.create_task(watch_dependencies({"broker": publishing.check}, Health(), stopping))
        while publishing._client is client and clock() < 2 * UNANSWERED_SECONDS:
            await asyncio.sleep(1)
        stopping.set()
        await watching
        assert publishing._client is None
        await publishing.close()

    in_a_jumping_loop(story)
