"""The memory of a paused consumer group, kept where it survives every restart: in Kafka itself."""

import asyncio
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.broker_access import NO_SECURITY, Security
from shared.kafka.connection import (
    BROKER_AWAY,
    CONNECT_SECONDS,
    away,
    started,
    stop_quietly,
    to_its_end,
)
from shared.kafka.consumer import COMMIT_SECONDS
from shared.kafka.visitor import new_visitor, visiting


@dataclass(slots=True)
class KafkaPauseMemory:
    """A pause is the offset 1 of a group that never has members: `GROUP.paused`. Every member looks at it now
    and then, so its connection is kept until a look fails.
    """

    bootstrap: str
    group: str
    topic: str
    security: Security = NO_SECURITY
    _looking: AIOKafkaConsumer | None = None

    async def remember(self) -> None:
        await to_its_end(self._commit(1))

    async def clear(self) -> None:
        await to_its_end(self._commit(0))

    async def is_paused(self) -> bool:
        try:
            client = await self._connected()
            async with asyncio.timeout(COMMIT_SECONDS):
                return (await client.committed(self._where()) or 0) > 0
        except BROKER_AWAY as error:
            await self.close()
            raise away(error) from error

    async def close(self) -> None:
        client, self._looking = self._looking, None
        if client is not None:
            await stop_quietly(client)

    async def _connected(self) -> AIOKafkaConsumer:
        if self._looking is None:
            self._looking = self._new_visitor()  # ours before it is started, so that `close` ends it
            await started(self._looking)
        return self._looking

    async def _commit(self, offset: int) -> None:
        async with visiting(self._new_visitor(), CONNECT_SECONDS + COMMIT_SECONDS) as client:
            client.assign([self._where()])
            await client.commit({self._where(): offset})

    def _where(self) -> TopicPartition:
        return TopicPartition(self.topic, 0)

    def _new_visitor(self) -> AIOKafkaConsumer:
        name = f"{self.group}.paused"
        return new_visitor(
            self.bootstrap,
            self.security,
            name,
            name,
            auto_offset_reset="earliest",
            request_timeout_ms=int(COMMIT_SECONDS * 1000),
            metadata_max_age_ms=60_000,
        )
