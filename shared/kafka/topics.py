"""Creates the topics that are not there, and reports where those that are differ from the contract."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from shared.kafka.connection import BROKER_AWAY, away, started
from shared.kafka.producer import MAX_MESSAGE_BYTES


@dataclass(frozen=True, slots=True)
class WantedTopic:
    name: str
    partitions: int
    retention_ms: int


async def ensure_topics(bootstrap: str, wanted: Sequence[WantedTopic], replication: int) -> Sequence[str]:
    """Returns one line for each topic that is there and has other partitions than wanted."""
    client = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id="topics", request_timeout_ms=20_000)
    try:
        await started(client)
        there = set(await client.list_topics())
        missing = [topic for topic in wanted if topic.name not in there]
        if missing:
            _check(await client.create_topics([_new_topic(topic, replication) for topic in missing]))
        described = await client.describe_topics([topic.name for topic in wanted if topic.name in there])
    except BROKER_AWAY as error:
        raise away(error) from error
    finally:
        await client.close()
    partitions = {topic["topic"]: len(topic["partitions"]) for topic in described}
    return [
        f"{topic.name} has {found} partitions, wanted {topic.partitions}"
        for topic in wanted
        if (found := partitions.get(topic.name, topic.partitions)) != topic.partitions
    ]


def _new_topic(topic: WantedTopic, replication: int) -> NewTopic:
    return NewTopic(
        topic.name,
        topic.partitions,
        replication,
        topic_configs={
            "retention.ms": str(topic.retention_ms),
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
            "min.insync.replicas": str(min(2, replication)),
        },
    )


def _check(answer: object) -> None:
    for name, code, *_ in answer.topic_errors:  # type: ignore[attr-defined] # the library is untyped
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise error(name)
