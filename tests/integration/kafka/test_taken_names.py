"""Two processes with one KAFKA_INSTANCE_ID, as of an environment file that was copied, share the work."""

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack

import pytest

from shared.consuming.broker import CommitRefused, Partition
from shared.kafka import KafkaConsumer
from shared.kafka.topics import WantedTopic, ensure_topics
from shared.observing.logs import Action, log
from shared.outcomes import Away
from tests.worlds.patience import until

TOPIC = "taken.names"
PARTITIONS = frozenset(Partition(TOPIC, number) for number in range(4))


class Member:
    """What it has now."""

    def __init__(self, kafka: str, name: str) -> None:
        self.consumer = KafkaConsumer(bootstrap=kafka, group=TOPIC, topics=(TOPIC,), instance_id=name)
        self.has: frozenset[Partition] = frozenset()

    async def assigned(self, partitions: Sequence[Partition]) -> None:
        self.has = frozenset(partitions)

    async def revoked(self) -> None:
        self.has = frozenset()

    async def work(self) -> None:
        """As a service does: what it polls, it commits."""
        try:
            await self.consumer.poll(0, 1)
            if self.has:
                await self.consumer.commit(dict.fromkeys(self.has, 0))
        except CommitRefused:
            return
        except Away:  # as the runner does then
            await self.consumer.stop()
            await self.consumer.start(self)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[dict[str, str]]]:
    lines: list[dict[str, str]] = []
    with monkeypatch.context() as patch:
        patch.setattr(log, "warning", lambda action, **line: lines.append({"event": action, **line}))
        yield lines


async def test_of_two_members_with_one_name_one_gives_it_up_says_so_and_both_keep_a_share(
    kafka: str, told: list[dict[str, str]]
) -> None:
    """They took the partitions from each other at each heartbeat, were ready, and no line said why."""
    await ensure_topics(kafka, [WantedTopic(TOPIC, len(PARTITIONS), 3_600_000)], 1)
    members = [Member(kafka, "copied"), Member(kafka, "copied")]

    async def share_it() -> bool:
        for member in members:
            await member.work()
        first, second = (member.has for member in members)
        return bool(first and second) and first | second == PARTITIONS and not first & second

    async with AsyncExitStack() as started:
        for member in members:
            await member.consumer.start(member)
            started.push_async_callback(member.consumer.stop)
        await until(share_it)
    assert {"event": Action.INSTANCE_ID_TAKEN, "group": TOPIC, "instance_id": "copied"} in told
