"""`python -m shared.topics` creates every declared topic and its dead-letter topic, and tells where what was
there differs; `… check` creates nothing, and fails when anything is missing or different.
"""

import argparse
import asyncio
import sys
from collections.abc import Iterator, Sequence

from pydantic import Field

from shared.broker_access import BrokerSettings
from shared.contract.events import Topic
from shared.contract.topic_declarations import Declaration, WrongDeclaration, read_declarations
from shared.early_stop import end_when_told
from shared.kafka.topics import WantedTopic, ensure_topics, find_drift
from shared.outcomes import Away
from shared.settings import EXIT_WRONG_SETTING, read_settings

HOUR_MS = 3_600_000


class TopicSettings(BrokerSettings):
    image_requested_partitions: int | None = Field(default=None, ge=1)  # for fewer processors than declared
    topic_replication: int = Field(default=1, ge=1)


def wanted_topics(image_requested_partitions: int | None = None) -> Sequence[WantedTopic]:
    """What topics/*.toml declares, as the broker should have it."""
    partitions = {Topic.IMAGE_REQUESTED: image_requested_partitions}
    return [
        topic
        for declaration in read_declarations().values()
        for topic in _wanted(declaration, partitions.get(declaration.topic) or declaration.partitions)
    ]


def _wanted(declaration: Declaration, partitions: int) -> Iterator[WantedTopic]:
    topic = declaration.topic
    yield WantedTopic(topic.value, partitions, declaration.retention_hours * HOUR_MS)
    yield WantedTopic(topic.dead_letters, 1, declaration.dead_letter_hours * HOUR_MS)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m shared.topics", description=__doc__)
    parser.add_argument("command", nargs="?", choices=["create", "check"], default="create")
    only_check = parser.parse_args(arguments).command == "check"
    settings = read_settings(TopicSettings)
    compare = find_drift if only_check else ensure_topics
    try:
        wanted = wanted_topics(settings.image_requested_partitions)
        differences = asyncio.run(
            compare(settings.kafka_bootstrap, wanted, settings.topic_replication, settings.kafka_security())
        )
    except (Away, WrongDeclaration) as error:
        _say(str(error))
        return 1 if isinstance(error, Away) else EXIT_WRONG_SETTING
    for line in differences:
        _say(f"warning: {line}")
    return int(only_check and bool(differences))


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201 - a command talks to a person


if __name__ == "__main__":
    end_when_told()
    sys.exit(main())
