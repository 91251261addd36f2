"""`python -m shared.topics` creates and checks every topic of the contract, and its dead-letter topic."""

import asyncio
import sys
from collections.abc import Sequence

from pydantic import Field
from pydantic_settings import BaseSettings

from shared.events import TOPICS, Topic
from shared.handling import Away
from shared.kafka.topics import WantedTopic, ensure_topics
from shared.settings import read_settings

DEAD_LETTER_RETENTION_MS = 30 * 86_400_000


class TopicSettings(BaseSettings):
    kafka_bootstrap: str
    image_requested_partitions: int = Field(default=TOPICS[Topic.IMAGE_REQUESTED].partitions, ge=1)
    topic_replication: int = Field(default=1, ge=1)


def wanted_topics(image_requested_partitions: int) -> Sequence[WantedTopic]:
    wanted = []
    for topic, spec in TOPICS.items():
        partitions = image_requested_partitions if topic is Topic.IMAGE_REQUESTED else spec.partitions
        wanted.append(WantedTopic(topic.value, partitions, spec.retention_ms))
        wanted.append(WantedTopic(topic.dead_letters, 1, DEAD_LETTER_RETENTION_MS))
    return wanted


def status_group(topic: Topic) -> str:
    """The consumer group in which the status service reads the topic; ingest looks at its lag."""
    return f"status-{topic.value.replace('.', '-')}"


def main() -> int:
    settings = read_settings(TopicSettings)
    wanted = wanted_topics(settings.image_requested_partitions)
    try:
        differences = asyncio.run(ensure_topics(settings.kafka_bootstrap, wanted, settings.topic_replication))
    except Away as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command talks to a person
        return 1
    for line in differences:
        print(f"warning: {line}", file=sys.stderr)  # noqa: T201 - as above
    return 0


if __name__ == "__main__":
    sys.exit(main())
