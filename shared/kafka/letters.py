"""Reading dead-letter topics, sending their messages back to where they came from, and removing letters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition
from aiokafka.admin.records_to_delete import RecordsToDelete

from shared.broker_access import Security
from shared.consuming.broker import NewRecord, Record
from shared.contract.events import Topic
from shared.kafka.admin import admin_client
from shared.kafka.consumer import as_record
from shared.kafka.producer import open_producer
from shared.kafka.visitor import new_visitor, visiting

READ_SECONDS = 30.0
REMOVE_SECONDS = 20.0
PORTION_LETTERS, PORTION_BYTES = 500, 1024 * 1024  # sent back at a time
ORIGIN_PREFIX = "dlq_"


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """The dead letters of one topic, in the order they were put aside."""

    bootstrap: str
    topic: Topic  # whose messages failed
    security: Security

    async def read(self) -> Sequence[Record]:
        visitor = new_visitor(self.bootstrap, self.security, "dead-letters", auto_offset_reset="earliest")
        partition, letters = self._partition(), []
        async with visiting(visitor, READ_SECONDS) as client:
            client.assign([partition])
            end = (await client.end_offsets([partition]))[partition]
            while await client.position(partition) < end:
                polled = await client.getmany(timeout_ms=1_000)
                letters += [as_record(message) for message in polled.get(partition, ())]
        return letters

    async def redrive(self, letters: Sequence[Record]) -> None:
        """Publishes the messages again as they first came. Their handlers take a repeat without harm."""
        async with open_producer(self.bootstrap, "dead-letters", self.security) as producer:
            for portion in _portions([_as_it_came(letter, self.topic) for letter in letters]):
                await producer.publish_records(portion)

    async def remove_before(self, offset: int) -> None:
        """For good. The broker removes only from a topic's beginning, so all that lie before go together."""
        where = {self._partition(): RecordsToDelete(offset)}
        async with admin_client(self.bootstrap, self.security, "dead-letters", REMOVE_SECONDS) as client:
            await client.delete_records(where)

    def _partition(self) -> TopicPartition:
        return TopicPartition(self.topic.dead_letters, 0)


def _portions(records: Sequence[NewRecord]) -> Iterator[Sequence[NewRecord]]:
    """In their order. Each publication has a few seconds, however many letters there are."""
    portion: list[NewRecord] = []
    size_bytes = 0
    for record in records:
        size_bytes += len(record.value or b"")
        if portion and (len(portion) == PORTION_LETTERS or size_bytes > PORTION_BYTES):
            yield portion
            portion, size_bytes = [], len(record.value or b"")
        portion.append(record)
    if portion:
        yield portion


def _as_it_came(letter: Record, topic: str) -> NewRecord:
    headers = [(name, value) for name, value in letter.headers if not name.startswith(ORIGIN_PREFIX)]
    return NewRecord(topic, letter.key, letter.value, headers)
