"""The memory of a paused consumer group, kept where it survives every restart: in Kafka itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.broker_access import NO_SECURITY, Security
from shared.kafka.connection import CONNECT_SECONDS, to_its_end
from shared.kafka.consumer import COMMIT_SECONDS
from shared.kafka.visitor import new_visitor, visiting


@dataclass(frozen=True, slots=True)
class KafkaPauseMemory:
    """A pause is the offset 1 of a group that never has members: `GROUP.paused`."""

    bootstrap: str
    group: str
    topic: str
    security: Security = NO_SECURITY

    async def remember(self) -> None:
        await to_its_end(self._commit(1))

    async def clear(self) -> None:
        await to_its_end(self._commit(0))

    async def is_paused(self) -> bool:
        return await to_its_end(self._committed()) > 0

    async def _committed(self) -> int:
        async with self._member() as client:
            return await client.committed(self._where()) or 0

    async def _commit(self, offset: int) -> None:
        async with self._member() as client:
            await client.commit({self._where(): offset})

    def _where(self) -> TopicPartition:
        return TopicPartition(self.topic, 0)

    @asynccontextmanager
    async def _member(self) -> AsyncIterator[AIOKafkaConsumer]:
        name = f"{self.group}.paused"
        visitor = new_visitor(
            self.bootstrap,
            self.security,
            name,
            name,
            auto_offset_reset="earliest",
            request_timeout_ms=int(COMMIT_SECONDS * 1000),
        )
        async with visiting(visitor, CONNECT_SECONDS + COMMIT_SECONDS) as client:
            client.assign([self._where()])
            yield client
