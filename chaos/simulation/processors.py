"""The processors of a simulation, as one group: they take, answer in any order, commit when all is done."""

import random
from collections import Counter
from dataclasses import dataclass, field

from chaos.simulation.outside import Hosts, too_late
from chaos.simulation.topics import Message, Reader, Topics
from chaos.simulation.virtual_time import SimulatedTime
from shared.consuming.handling import Outgoing
from shared.contract.events import ImageRequested

AT_ONCE = 4
TWICE = 0.05  # of the answers


@dataclass(slots=True, kw_only=True)
class Processors:
    chance: random.Random
    time: SimulatedTime
    topics: Topics
    reader: Reader
    hosts: Hosts
    under_way: list[Message] = field(default_factory=list)
    happened: Counter[str] = field(default_factory=Counter)

    def step(self) -> None:
        places = self.reader.places()
        if places and (not self.under_way or self.chance.random() < 0.5):
            self.under_way += self.reader.take(self.chance.choice(places), self.chance.randint(1, AT_ONCE))
        elif self.under_way:
            self._answer(self.under_way.pop(self.chance.randrange(len(self.under_way))))
        if not self.under_way:
            self.reader.commit_all()

    def work_off(self) -> None:
        while self.under_way or self.reader.places():
            self.step()

    def die(self) -> None:
        self.under_way.clear()
        self.reader.crash()

    def lose_everything(self) -> None:
        self.under_way.clear()
        self.reader.skip_all()

    def _answer(self, message: Message) -> None:
        asked = message.event
        assert isinstance(asked, ImageRequested)
        told = too_late(asked) if asked.take_by < self.time.now else self.hosts.answer(asked)
        self.happened[f"images {told.outcome}"] += 1
        self.topics.append(Outgoing(told, self.time.now))
        if self.chance.random() < TWICE:
            self.happened["answers told twice"] += 1
            self.topics.append(Outgoing(told, self.time.now))
