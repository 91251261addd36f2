"""Publishing to Kafka: acknowledged by all replicas, or `Away` after 8 s."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiokafka import AIOKafkaProducer
from aiokafka.cluster import ClusterMetadata
from aiokafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
    TopicAuthorizationFailedError,
)

from shared.broker_access import NO_SECURITY, Security
from shared.consuming.broker import NewRecord, TooLarge
from shared.consuming.cloud_events import encode
from shared.consuming.handling import Outgoing
from shared.consuming.member.progress import UNANSWERED_SECONDS
from shared.kafka.appending import Ack, Sent, append, append_batches, leave, partition_of
from shared.kafka.connection import BROKER_AWAY, away, no_topics, security_options, started, stop_quietly
from shared.kafka.library.counted import count_requests
from shared.kafka.library.silent_brokers import pass_over_silent_brokers
from shared.observing.logs import Action, log
from shared.outcomes import Away
from shared.patience import Patience

PUBLISH_SECONDS = 8.0
CHECK_SECONDS = 4.0  # less than readiness waits, which would cancel the check before it counts as failed
MAX_MESSAGE_BYTES = 4 * 1024 * 1024
TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)


@dataclass(slots=True)
class KafkaProducer:
    """Connects at the first publish, and again whenever it must. A broker that is away never ends the
    process.

    Neither idempotent nor transactional: readers deduplicate by deterministic ids.
    """

    bootstrap: str
    client_id: str
    security: Security = NO_SECURITY
    _client: AIOKafkaProducer | None = None
    _loop: asyncio.AbstractEventLoop | None = None  # of the client
    _connecting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _failing_since: dict[str, float] = field(default_factory=dict)  # by kind of call, on this connection
    _doubtful: set[str] = field(default_factory=set)  # topics: what was sent to them last is not appended yet
    _missing: set[str] = field(default_factory=set)  # of these: the broker did not name them when last asked
    _given_up: set[asyncio.Task[None]] = field(default_factory=set)

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        service = self.client_id.partition("-")[0]
        await self.publish_records([encode(message, service) for message in messages])

    async def publish_records(self, records: Sequence[NewRecord]) -> None:
        if records:
            await self._append(records)

    async def put_aside(self, letter: NewRecord) -> int:
        [ack] = await self._append([letter])
        place: int = ack.result().offset
        return place

    async def check(self) -> None:
        """Returns when the broker answers; `Away` when it does not, or lacks a topic that took nothing."""
        async with self._asked("check", CHECK_SECONDS) as client:
            found = await client.client.fetch_all_metadata()
        if missing := sorted(topic for topic in self._doubtful if not found.partitions_for_topic(topic)):
            raise no_topics(missing, "write to")

    async def _append(self, records: Sequence[NewRecord]) -> Sequence[Ack]:
        topics = {record.topic for record in records}
        self._doubtful |= topics
        self._missing -= topics
        try:
            async with self._asked("publish", PUBLISH_SECONDS) as client:
                acks = await _appended(client, records)
        except Away as error:
            is_told = isinstance(error.__cause__, TopicAuthorizationFailedError)
            if not is_told and (missing := sorted(topics & self._missing)):  # which shows as a time-out
                raise no_topics(missing, "write to") from error
            raise
        self._doubtful -= topics
        return acks

    def _look_for_topics(self, cluster: ClusterMetadata) -> None:
        self._missing = {topic for topic in self._doubtful if cluster.partitions_for_topic(topic) is None}

    async def close(self) -> None:
        if self._client is not None:
            await stop_quietly(self._client)
        await asyncio.gather(*self._given_up)

    @asynccontextmanager
    async def _asked(self, call: str, seconds: float) -> AsyncIterator[AIOKafkaProducer]:
        client = None
        try:
            with Patience(seconds, self._loop):
                client = await self._connected()
                yield client
        except TOO_LARGE as error:
            raise TooLarge(f"{type(error).__name__} {error}") from error
        except BROKER_AWAY as error:
            if client is self._client:  # else it has been given up meanwhile
                self._give_up_one_that_fails_for_long(call)
            raise away(error) from error
        self._failing_since.pop(call, None)

    def _give_up_one_that_fails_for_long(self, call: str) -> None:
        """A client may fail to find a broker that is back; a new client finds it. A check that is answered
        says nothing of publications: it may be another broker that answers.
        """
        now = time.monotonic()
        since = self._failing_since.setdefault(call, now)
        if self._client is not None and now - since > UNANSWERED_SECONDS:
            log.warning(Action.PRODUCER_STALLED, client=self.client_id)
            ending = asyncio.create_task(stop_quietly(self._client))
            self._given_up.add(ending)
            ending.add_done_callback(self._given_up.discard)
            self._client = None

    async def _connected(self) -> AIOKafkaProducer:
        async with self._connecting:
            if self._client is None:
                self._client = await started(self._new_client())
                self._failing_since.clear()
                self._loop = asyncio.get_running_loop()
            return self._client

    def _new_client(self) -> AIOKafkaProducer:
        client = AIOKafkaProducer(
            bootstrap_servers=self.bootstrap,
            client_id=self.client_id,
            **security_options(self.security),
            acks="all",
            enable_idempotence=False,
            compression_type=None,
            linger_ms=0,
            max_batch_size=256 * 1024,
            max_request_size=MAX_MESSAGE_BYTES,
            request_timeout_ms=int(PUBLISH_SECONDS * 1000),
            retry_backoff_ms=100,
            metadata_max_age_ms=60_000,
            connections_max_idle_ms=540_000,
            partitioner=partition_of,
        )
        client.client.cluster.add_listener(self._look_for_topics)
        pass_over_silent_brokers(client.client)
        count_requests(client.client)
        return client


@asynccontextmanager
async def open_producer(
    bootstrap: str, client_id: str, security: Security = NO_SECURITY
) -> AsyncIterator[KafkaProducer]:
    producer = KafkaProducer(bootstrap, client_id, security)
    try:
        yield producer
    finally:
        await producer.close()


async def _appended(client: AIOKafkaProducer, records: Sequence[NewRecord]) -> Sequence[Ack]:
    """A batch may be too large for the broker where none of its records is, which may also be others'. Those
    of one that is refused go again in batches of half as many, down to each alone.
    """
    taken: list[Ack] = []
    sent, most = await append(client, records), 0
    while (refused := await _refused(sent)) and most != 1:
        taken += sent.keys() - refused.keys()
        most = max(1, max(map(len, refused.values())) // 2)
        sent = await append_batches(client, [each for its in refused.values() for each in its], most)
    await _all(list(sent))
    return [*taken, *sent]


async def _refused(sent: Sent) -> Sent:
    """Those that are too large. Raises what else has failed."""
    try:
        await _all(list(sent))
    except TOO_LARGE:
        return {ack: its for ack, its in sent.items() if _error_of(ack) is not None}
    return {}


async def _all(acks: Sequence[Ack]) -> None:
    """Waits for every ack, then raises the first failure. Acks are not cancelled with whoever waits for them:
    the library would later fail the batch behind one, and nobody would hear of it.
    """
    try:
        if pending := [ack for ack in acks if not ack.done()]:
            await asyncio.wait(pending)
    except asyncio.CancelledError:
        leave(acks)
        raise
    errors = [error for ack in acks if (error := _error_of(ack)) is not None]
    if errors:
        raise errors[0]


def _error_of(ack: Ack) -> BaseException | None:
    return KafkaError("the client was given up") if ack.cancelled() else ack.exception()
