"""How many messages of a topic a consumer group has not finished yet, seen from outside the group."""

import asyncio
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer

from shared.broker_access import NO_SECURITY, Security
from shared.kafka.connection import BROKER_AWAY, away, partitions_of, started, stop_quietly
from shared.kafka.consumer import COMMIT_SECONDS
from shared.kafka.visitor import new_visitor


@dataclass(slots=True, kw_only=True)
class KafkaGroupLag:
    """Connects at the first look, and anew after a look that failed. It never joins the group."""

    bootstrap: str
    group: str
    topic: str
    security: Security = NO_SECURITY
    _client: AIOKafkaConsumer | None = None

    async def read(self) -> int:
        """The group's lag over all partitions; raises `Away` when the broker does not tell."""
        try:
            if self._client is None:
                self._client = await started(self._new_visitor())
            async with asyncio.timeout(COMMIT_SECONDS):
                return await self._lag(self._client)
        except BROKER_AWAY as error:
            await self.close()
            raise away(error) from error

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await stop_quietly(client)

    async def _lag(self, client: AIOKafkaConsumer) -> int:
        partitions = await partitions_of(client, self.topic)
        # In this order: a message that comes and is finished in between must not make the lag negative.
        done = await asyncio.gather(*map(client.committed, partitions))
        starts = await client.beginning_offsets(partitions)
        ends = await client.end_offsets(partitions)
        return sum(  # a log that lost its end may be shorter than what was committed of it
            max(0, ends[partition] - max(committed or 0, starts[partition]))
            for partition, committed in zip(partitions, done, strict=True)
        )

    def _new_visitor(self) -> AIOKafkaConsumer:
        return new_visitor(
            self.bootstrap,
            self.security,
            f"{self.group}.lag",
            self.group,
            request_timeout_ms=int(COMMIT_SECONDS * 1000),
            metadata_max_age_ms=60_000,
        )
