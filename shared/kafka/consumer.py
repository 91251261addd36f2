"""One member of a consumer group, with commits by hand."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from aiokafka.errors import CommitFailedError, IllegalStateError

from shared.broker_access import NO_SECURITY, Security
from shared.consuming.broker import CommitRefused, Partition, Rebalance, Record, Rest, no_rest
from shared.kafka.connection import (
    BROKER_AWAY,
    away,
    no_topics,
    security_options,
    started,
    stop_quietly,
    to_its_end,
)
from shared.kafka.fetch_waits import SHORTEST_WAIT_MS, is_worth_a_rest, next_wait_ms
from shared.kafka.library.counted import count_requests
from shared.kafka.library.given_up_commits import hear_of_commits
from shared.kafka.library.joining import wait_longer_for_joining
from shared.kafka.library.records import read_leniently
from shared.kafka.library.silent_brokers import pass_over_silent_brokers
from shared.kafka.library.taken_names import give_up_taken_name
from shared.kafka.producer import MAX_MESSAGE_BYTES
from shared.observing.logs import Action, log
from shared.outcomes import Away
from shared.waits import wait_for_beat

COMMIT_SECONDS = 5.0
SESSION_MS = 10_000
REBALANCE_MS = 15_000  # members drain within it
JOIN_SECONDS = REBALANCE_MS / 1000 + 5.0  # the answer waits for the slowest member
FETCHER_LOOK_MS = 5_000  # in which the library looks by itself for what to fetch; each event tells it anyway
ANSWER_MS = 8_000  # to anything else, as a publication waits
KNOCK_AGAIN_MS = 500  # after a broker did not answer; a process has up to six consumers, and each knocks
FETCH_BYTES = 8 * 1024 * 1024  # of one broker; of one partition, MAX_MESSAGE_BYTES


@dataclass(slots=True, kw_only=True)
class KafkaConsumer:
    """One member of a consumer group; made anew after each stop."""

    bootstrap: str
    group: str
    topics: Sequence[str]
    instance_id: str | None = None
    security: Security = NO_SECURITY
    rest: Rest = no_rest
    _client: AIOKafkaConsumer | None = None
    _came: asyncio.Event = field(default_factory=asyncio.Event)  # a fetch with records

    async def start(self, listener: Rebalance) -> None:
        try:
            client = await started(self._new_client())
        except BROKER_AWAY as error:
            raise away(error) from error
        try:
            await to_its_end(self._require_topics(client))
        except BaseException:
            await stop_quietly(client)
            raise
        self._client = client
        hear_of_commits(client)
        give_up_taken_name(client, SESSION_MS / 1000, self._tell_taken_name)
        # Subscribing after the start: the start must not wait for an assignment.
        client.subscribe(list(self.topics), listener=_Listener(listener))

    def _tell_taken_name(self) -> None:
        log.warning(Action.INSTANCE_ID_TAKEN, group=self.group, instance_id=self.instance_id)

    async def _require_topics(self, client: AIOKafkaConsumer) -> None:
        """Without this a group whose topic is missing would form in silence, and read nothing."""
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                there = await client.topics()
        except BROKER_AWAY as error:
            raise away(error) from error
        if missing := [topic for topic in self.topics if topic not in there]:
            raise no_topics(missing, "read")

    async def _find_lost_topics(self, client: AIOKafkaConsumer) -> None:
        """One that is deleted under its group leaves the members without its partitions, in silence. One that
        is there again would be seen a minute later.
        """
        if not all(map(client.partitions_for_topic, self.topics)):
            await self._require_topics(client)
            await client._client.force_metadata_update()  # noqa: SLF001 - the library has no other way

    async def poll(
        self, timeout_seconds: float, max_records: int, full: Collection[Partition] = ()
    ) -> Mapping[Partition, Sequence[Record]]:
        """What was fetched of a full partition is kept. A pause would throw it away, to be fetched again."""
        client = self._require()
        wanted = client.assignment() - {_topic_partition(partition) for partition in full}
        if full and not wanted:
            self.show_presence()
            return {}
        look = partial(client.getmany, *(wanted if full else ()), max_records=max(1, max_records))
        try:
            self._came.clear()
            polled = await look()
            if not polled and timeout_seconds > 0:
                await wait_for_beat(self._came, timeout_seconds)  # the library hears of it four turns later
                polled = await look()
        except BROKER_AWAY as error:
            raise away(error) from error
        return {
            Partition(partition.topic, partition.partition): [as_record(message) for message in messages]
            for partition, messages in polled.items()
        }

    def show_presence(self) -> None:
        with self._require()._subscription.fetch_context():  # noqa: SLF001 - by it the library sees polls
            pass

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        client = self._require()
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await client.commit({_topic_partition(partition): at for partition, at in offsets.items()})
        except (CommitFailedError, IllegalStateError) as error:
            raise CommitRefused(str(error)) from error
        except BROKER_AWAY as error:
            raise away(error) from error

    async def positions(self, partitions: Collection[Partition]) -> Mapping[Partition, int]:
        client = self._require()
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                return {each: await client.position(_topic_partition(each)) for each in partitions}
        except IllegalStateError:
            return {}  # taken away while we asked
        except BROKER_AWAY as error:
            raise away(error) from error

    async def lag(self) -> int:
        client = self._require()
        ours = list(client.assignment())
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await self._find_lost_topics(client)
                ends = await client.end_offsets(ours) if ours else {}
                return sum([end - await client.position(partition) for partition, end in ends.items()])
        except IllegalStateError:
            return 0  # taken away while we asked
        except BROKER_AWAY as error:
            raise away(error) from error

    async def stop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await stop_quietly(client)

    def _require(self) -> AIOKafkaConsumer:
        if self._client is None:
            raise Away("broker", "the consumer is not connected")
        return self._client

    def _new_client(self) -> AIOKafkaConsumer:
        read_leniently()
        client = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            client_id=self.instance_id or self.group,
            group_id=self.group,
            group_instance_id=self.instance_id,
            **security_options(self.security),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            isolation_level="read_committed",
            partition_assignment_strategy=(RoundRobinPartitionAssignor,),
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=SESSION_MS // 4,
            rebalance_timeout_ms=REBALANCE_MS,
            max_poll_interval_ms=300_000,
            request_timeout_ms=ANSWER_MS,
            fetch_max_wait_ms=SHORTEST_WAIT_MS,
            fetch_min_bytes=1,
            fetch_max_bytes=FETCH_BYTES,
            max_partition_fetch_bytes=MAX_MESSAGE_BYTES,
            max_poll_records=None,
            consumer_timeout_ms=FETCHER_LOOK_MS,
            retry_backoff_ms=KNOCK_AGAIN_MS,
            metadata_max_age_ms=60_000,
            connections_max_idle_ms=540_000,
            check_crcs=True,
        )
        inner = client._client  # noqa: SLF001 - the library has no other way
        wait_longer_for_joining(inner, JOIN_SECONDS)
        pass_over_silent_brokers(inner)
        count_requests(inner, _Fetching(client, self.rest, self._came))
        return client


@dataclass(slots=True)
class _Fetching:
    """Lets fetches wait longer and longer while nothing comes. The library has one wait for all, so it is
    told anew after each. After one that brought little the next one rests.
    """

    client: AIOKafkaConsumer
    rest: Rest
    came: asyncio.Event  # to be set once there are records
    _rests: bool = False

    async def before(self) -> None:
        if self._rests:
            await self.rest()

    def after(self, records_bytes: int) -> None:
        if records_bytes > 0:
            self.came.set()  # whoever waits for it wakes up once the library has put them down
        fetcher = self.client._fetcher  # noqa: SLF001 - as above
        is_behind = bool(fetcher._records)  # noqa: SLF001 - of an earlier fetch, not yet taken
        self._rests = is_worth_a_rest(records_bytes) and not is_behind
        busy = records_bytes > 0 or is_behind
        fetcher._fetch_max_wait_ms = next_wait_ms(fetcher._fetch_max_wait_ms, has_records=busy)  # noqa: SLF001


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc] # the library is untyped
    def __init__(self, listener: Rebalance) -> None:
        self._listener = listener

    async def on_partitions_revoked(self, revoked: object) -> None:  # noqa: ARG002 - eager: always all
        await self._listener.revoked()

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        await self._listener.assigned([Partition(each.topic, each.partition) for each in assigned])


def _topic_partition(partition: Partition) -> TopicPartition:
    return TopicPartition(partition.topic, partition.number)


def as_record(message: ConsumerRecord) -> Record:
    return Record(
        partition=Partition(message.topic, message.partition),
        offset=message.offset,
        key=message.key,
        value=message.value,
        headers=message.headers,
        timestamp_ms=message.timestamp,
    )
