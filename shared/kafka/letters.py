"""Reading dead-letter topics and sending their messages back to where they came from."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.broker import NewRecord, Record
from shared.broker_access import NO_SECURITY, Security
from shared.kafka.connection import BROKER_AWAY, away, security_options, started, stop_quietly
from shared.kafka.consumer import as_record
from shared.kafka.producer import open_producer

READ_SECONDS = 30.0
ORIGIN_PREFIX = "dlq_"


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The dead letters of one topic, in the order in which they were put aside."""

    bootstrap: str
    topic: str  # the topic whose messages failed
    security: Security = NO_SECURITY

    async def read(self) -> Sequence[Record]:
        try:
            return [record async for record in self._records()]
        except BROKER_AWAY as error:
            raise away(error) from error

    async def redrive(self, letters: Sequence[Record]) -> None:
        """Publishes the messages again as they first came. Their handlers take a repeat without harm."""
        async with open_producer(self.bootstrap, "dead-letters", self.security) as producer:
            await producer.publish_records([_as_it_came(letter, self.topic) for letter in letters])

    async def _records(self) -> AsyncIterator[Record]:
        client = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            client_id="dead-letters",
            **security_options(self.security),
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        partition = TopicPartition(f"{self.topic}.dlq", 0)
        try:
            async with asyncio.timeout(READ_SECONDS):
                await started(client)
                client.assign([partition])
                end = (await client.end_offsets([partition]))[partition]
                while await client.position(partition) < end:
                    for message in (await client.getmany(timeout_ms=1_000)).get(partition, ()):
                        yield as_record(message)
        finally:
            await stop_quietly(client)


def _as_it_came(letter: Record, topic: str) -> NewRecord:
    headers = [(name, value) for name, value in letter.headers if not name.startswith(ORIGIN_PREFIX)]
    return NewRecord(topic, letter.key, letter.value, headers)
