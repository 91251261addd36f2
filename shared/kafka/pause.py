"""The memory of a paused consumer group, kept where it survives every restart: in Kafka itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.broker_access import NO_SECURITY, Security
from shared.kafka.connection import (
    BROKER_AWAY,
    CONNECT_SECONDS,
    away,
    security_options,
    started,
    stop_quietly,
    to_its_end,
)
from shared.kafka.consumer import COMMIT_SECONDS


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
        client = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            client_id=f"{self.group}.paused",
            group_id=f"{self.group}.paused",
            **security_options(self.security),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            request_timeout_ms=int(COMMIT_SECONDS * 1000),
        )
        try:
            async with asyncio.timeout(CONNECT_SECONDS + COMMIT_SECONDS):
                await started(client)
                client.assign([self._where()])
                yield client
        except BROKER_AWAY as error:
            raise away(error) from error
        finally:
            await stop_quietly(client)
