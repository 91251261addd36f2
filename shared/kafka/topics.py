"""Creates missing topics, and tells where existing ones differ from their declarations. It alters none: a
person decides whether a topic or its declaration is wrong.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import TopicAlreadyExistsError, for_code

from shared.broker_access import NO_SECURITY, Security
from shared.kafka.admin import admin_client
from shared.kafka.producer import MAX_MESSAGE_BYTES

ANSWER_SECONDS = 20.0
SEGMENT_MS = 12 * 3_600_000
"""Only whole segments are removed, so a message may live so much longer than its topic's retention says."""


@dataclass(frozen=True, slots=True)
class WantedTopic:
    name: str
    partitions: int
    retention_ms: int


@dataclass(frozen=True, slots=True)
class _FoundTopic:
    partitions: int
    replication: int
    options: Mapping[str, str]


async def ensure_topics(
    bootstrap: str, wanted: Sequence[WantedTopic], replication: int, security: Security = NO_SECURITY
) -> Sequence[str]:
    """Creates missing topics; returns one line for each difference of an existing one."""
    async with admin_client(bootstrap, security, "topics", ANSWER_SECONDS) as client:
        there = set(await client.list_topics())
        missing = [topic for topic in wanted if topic.name not in there]
        if missing:
            created = await client.create_topics([_new_topic(topic, replication) for topic in missing])
            _require_created(created.topic_errors)
        return await _differences(client, [topic for topic in wanted if topic.name in there], replication)


async def find_drift(
    bootstrap: str, wanted: Sequence[WantedTopic], replication: int, security: Security = NO_SECURITY
) -> Sequence[str]:
    """One line for each missing topic, and for each difference of an existing one."""
    async with admin_client(bootstrap, security, "topics", ANSWER_SECONDS) as client:
        there = set(await client.list_topics())
        missing = [f"{topic.name} is missing" for topic in wanted if topic.name not in there]
        known = [topic for topic in wanted if topic.name in there]
        return [*missing, *await _differences(client, known, replication)]


async def _differences(
    client: AIOKafkaAdminClient, wanted: Sequence[WantedTopic], replication: int
) -> Sequence[str]:
    found = await _found(client, [topic.name for topic in wanted])
    return [
        line
        for topic in wanted
        if topic.name in found
        for line in _differences_of(topic, found[topic.name], replication)
    ]


def _differences_of(topic: WantedTopic, found: _FoundTopic, replication: int) -> Iterator[str]:
    if found.partitions != topic.partitions:
        yield f"{topic.name} has {found.partitions} partitions, declared are {topic.partitions}"
    if found.replication != replication:
        yield f"{topic.name} has {found.replication} replicas, wanted are {replication}"
    for name, value in _options(topic, replication).items():
        if found.options.get(name) != value:
            yield f"{topic.name} has {name}={found.options.get(name)}, declared is {value}"


async def _found(client: AIOKafkaAdminClient, names: Sequence[str]) -> Mapping[str, _FoundTopic]:
    if not names:
        return {}
    described = await client.describe_topics(list(names))
    answers = await client.describe_configs(
        [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    )
    options: dict[str, dict[str, str]] = {}
    for code, reason, _, name, entries in (each for answer in answers for each in answer.resources):
        if code:
            raise for_code(code)(f"{name}: {reason}")
        options[name] = {entry[0]: entry[1] for entry in entries}
    return {
        topic["topic"]: _FoundTopic(
            len(topic["partitions"]),
            min((len(each["replicas"]) for each in topic["partitions"]), default=0),
            options[topic["topic"]],
        )
        for topic in described
    }


def _new_topic(topic: WantedTopic, replication: int) -> NewTopic:
    return NewTopic(topic.name, topic.partitions, replication, topic_configs=_options(topic, replication))


def _options(topic: WantedTopic, replication: int) -> dict[str, str]:
    return {
        "cleanup.policy": "delete",
        "retention.ms": str(topic.retention_ms),
        "segment.ms": str(SEGMENT_MS),
        "max.message.bytes": str(MAX_MESSAGE_BYTES),
        # Whatever codec another producer uses, the broker undoes it: our readers have none but gzip.
        "compression.type": "uncompressed",
        # A message's age is told by the broker. One of a clock an hour ahead would be refused, and one of a
        # clock a week behind removed before it is read.
        "message.timestamp.type": "LogAppendTime",
        "min.insync.replicas": str(min(2, replication)),
    }


def _require_created(errors: Iterable[tuple[Any, ...]]) -> None:
    for name, code, *_ in errors:
        error = for_code(code)
        if code and error is not TopicAlreadyExistsError:
            raise error(name)
