"""Which group reads which topics: the membership that a service's composition root hands to its runner."""

from dataclasses import dataclass

from shared.broker_access import NO_SECURITY, Security
from shared.consuming.broker import Consumer, PauseMemory, Rest, no_rest
from shared.contract.events import Topic
from shared.kafka.consumer import KafkaConsumer
from shared.kafka.members import count_members
from shared.kafka.pause import KafkaPauseMemory


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """With an instance id the membership is static: a restart takes its partitions back at once."""

    group: str
    topics: tuple[Topic, ...]
    bootstrap: str
    instance_id: str | None = None
    security: Security = NO_SECURITY
    rest: Rest = no_rest  # after each look that found little

    def consumer(self) -> Consumer:
        return KafkaConsumer(
            bootstrap=self.bootstrap,
            group=self.group,
            topics=self.topics,
            instance_id=self.instance_id,
            security=self.security,
            rest=self.rest,
        )

    def pause_memory(self) -> PauseMemory:
        return KafkaPauseMemory(self.bootstrap, self.group, self.topics[0], self.security)

    async def count_members(self) -> int:
        return await count_members(self.bootstrap, self.group, self.security)
