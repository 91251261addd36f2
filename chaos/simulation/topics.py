"""Topics and their readers in memory: what was published stays, and is read at least once."""

import random
import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from chaos.simulation.crash import TRAP
from shared.consuming.broker import NewRecord
from shared.consuming.handling import Incoming, Outgoing
from shared.contract.events import Event, Topic
from shared.contract.partitions import partition_index
from shared.outcomes import Away

PARTITIONS = 3

Message = Incoming[Event]
Place = tuple[Topic, int]  # a partition


@dataclass(slots=True)
class Topics:
    chance: random.Random
    logs: dict[Place, list[Message]] = field(default_factory=lambda: defaultdict(list))
    away_for: int = 0  # as many publications fail: some of them are written all the same

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        TRAP.moment()
        is_away = self.away_for > 0
        # Postgres returns changed rows in no order: in one of ours, the same seed gives the same story.
        every = sorted(messages, key=lambda message: message.event.event_id())
        for message in every[: self.chance.randint(0, len(every))] if is_away else every:
            self.append(message)
        TRAP.moment()
        if is_away:
            self.away_for -= 1
            raise Away("broker", "simulated")

    async def put_aside(self, _: NewRecord) -> int:
        raise AssertionError("nothing is buried in a simulation")

    def append(self, message: Outgoing) -> None:
        event = message.event
        partition = partition_index(event.key().encode(), PARTITIONS, zlib.crc32)
        log = self.logs[event.TOPIC, partition]
        incoming = Incoming(
            event=event,
            time=message.time,
            value=message.value,
            headers=dict(message.headers),
            topic=event.TOPIC,
            partition=partition,
            offset=len(log),
        )
        log.append(incoming)

    def messages(self, topic: Topic) -> list[Message]:
        return [message for number in range(PARTITIONS) for message in self.logs[topic, number]]


@dataclass(slots=True)
class Reader:
    """A group's place in its topics. What it has taken and not committed comes again after a crash."""

    topics: Topics
    names: tuple[Topic, ...]
    committed: dict[Place, int] = field(default_factory=lambda: defaultdict(int))
    taken: dict[Place, int] = field(default_factory=lambda: defaultdict(int))

    def places(self) -> list[Place]:
        """The partitions that have something to take."""
        return [place for place in self._all() if self.taken[place] < len(self.topics.logs[place])]

    def take(self, place: Place, most: int) -> list[Message]:
        start = self.taken[place]
        batch = self.topics.logs[place][start : start + most]
        self.taken[place] += len(batch)
        return batch

    def commit(self, place: Place) -> None:
        self.committed[place] = self.taken[place]

    def commit_all(self) -> None:
        for place in self.taken:
            self.commit(place)

    def crash(self) -> None:
        """Whoever comes next begins where the last commit was."""
        for place in self.taken:
            self.taken[place] = self.committed[place]

    def skip_all(self) -> None:
        """What lies there is gone, as after a power cut or when a topic is made anew."""
        for place in self._all():
            self.taken[place] = self.committed[place] = len(self.topics.logs[place])

    async def lag(self) -> int:
        return sum(len(self.topics.logs[place]) - self.committed[place] for place in self._all())

    def _all(self) -> list[Place]:
        return [(name, number) for name in self.names for number in range(PARTITIONS)]
