"""Chooses what happens next, by chance that a seed gives: whose step it is, which fault falls, how much time
passes. Afterwards everything is healed, and all goes on until nothing is left to do.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from chaos.simulation.crash import TRAP, Crash
from chaos.simulation.faults import Fault, fall, heal
from chaos.simulation.people import People, accepted
from chaos.simulation.universe import READ_BY_STATUS, Universe
from shared.contract.keys import rows_key
from shared.outcomes import Away
from shared.testing.request_rows import rows_file, rows_of

MOST_UPLOADS = 8
BATCH = 20
POSTS = 3
JUMPS_SECONDS = (0.05, 0.5, 1.0, 5.0, 20.0, 90.0, 600.0, 4_000.0)
JUMP_WEIGHTS = (20, 20, 20, 15, 10, 5, 2, 1)
HEAL_SECONDS = (0.0, 1.0, 10.0, 70.0, 400.0, 4_000.0)
HEAL_ROUNDS = 400


@dataclass(slots=True)
class Scheduler:
    universe: Universe
    people: People
    steps: int = 0
    faults: Counter[str] = field(default_factory=Counter)

    @property
    def chance(self) -> random.Random:
        return self.universe.chance

    async def run(self, steps: int) -> None:
        # A fault is as rare as it is in a bad night, and not so rare that a seed has none.
        weights = {
            self._person: 4,
            self._job: 40,
            self._processors: 24,
            self._status_reads: 16,
            self._notifier: 8,
            self._time: 8,
            self._fault: 3,
        }
        self._upload()
        for _ in range(steps):
            (step,) = self.chance.choices(list(weights), list(weights.values()))
            await self._make(step)

    async def _make(self, step: Callable[[], Awaitable[None]]) -> None:
        self.steps += 1
        try:
            await step()
        except Away:
            self.faults["a step met what was away"] += 1

    async def _person(self) -> None:
        if len(self.people.uploads) < MOST_UPLOADS and self.chance.random() < 0.5:
            self._upload()
        else:
            await self.people.change(self.universe.pool)

    def _upload(self) -> None:
        universe, upload = self.universe, self.people.new_upload()
        universe.store.objects[rows_key(upload.id)] = rows_file(rows_of(upload.products))
        event = accepted(upload, universe.time.now, universe.keyring)
        for _ in range(self.chance.choice((1, 1, 1, 2))):  # ingest tells it again where it is not sure
            universe.topics.append(event)

    async def _job(self) -> None:
        engine, name = self.chance.randrange(2), self.chance.choice(self.universe.jobs)
        await self._perhaps_killed(engine, lambda: self.universe.job(engine, name))

    async def _status_reads(self) -> None:
        reader = self.universe.readers[self.chance.choice(READ_BY_STATUS)]
        if not (places := reader.places()):
            return
        engine, place = self.chance.randrange(2), self.chance.choice(places)
        batch = reader.take(place, self.chance.randint(1, BATCH))
        try:
            await self._perhaps_killed(engine, lambda: self.universe.handle(engine, batch))
        except Away:
            reader.crash()  # it reads them again until they are handled
            raise
        if self.chance.random() < 0.9:
            reader.commit(place)
        elif self.chance.random() < 0.5:
            self.faults["a batch read again"] += 1
            reader.crash()

    async def _perhaps_killed(self, engine: int, act: Callable[[], Awaitable[object]]) -> None:
        if self.chance.random() < 0.12:
            TRAP.set(self.chance.randint(1, 25))
        try:
            await act()
        except Crash:
            self.faults["status killed in a step"] += 1
            self.universe.restart_status(engine)
        finally:
            TRAP.take_away()

    async def _processors(self) -> None:
        self.universe.processors.step()

    async def _notifier(self) -> None:
        reader = self.universe.readers["notifiers"]
        if not (places := reader.places()):
            return
        place = self.chance.choice(places)
        for message in reader.take(place, POSTS):
            await self.universe.deliver(message)
        if self.chance.random() < 0.9:
            reader.commit(place)

    async def _time(self) -> None:
        (seconds,) = self.chance.choices(JUMPS_SECONDS, JUMP_WEIGHTS)
        await self.universe.time.pass_by(seconds, self.universe.pool)

    async def _fault(self) -> None:
        fault = self.chance.choice(list(Fault))
        self.faults[fault] += 1
        fall(fault, self.universe)

    async def go_on_to_the_end(self) -> list[str]:
        """What never ends though everything was healed."""
        universe = self.universe
        heal(universe)
        for turn in range(HEAL_ROUNDS):
            if not await self._open():
                return []
            await self._everybody_once()
            await universe.time.pass_by(HEAL_SECONDS[turn % len(HEAL_SECONDS)], universe.pool)
        return await self._open()

    async def _everybody_once(self) -> None:
        universe = self.universe
        for name in READ_BY_STATUS:
            reader = universe.readers[name]
            for place in reader.places():
                while batch := reader.take(place, BATCH):
                    await universe.handle(0, batch)
            reader.commit_all()
        for job in universe.jobs:
            await universe.job(0, job)
        universe.processors.work_off()
        reader = universe.readers["notifiers"]
        for place in reader.places():
            for message in reader.take(place, BATCH):
                await universe.deliver(message)
        reader.commit_all()

    async def _open(self) -> list[str]:
        """What is still to come."""
        pool = self.universe.pool
        rows = {row["id"]: row for row in await pool.fetch("SELECT id, completed_at FROM requests")}
        uploads = [each for each in self.people.uploads if not each.deleted]
        left = [each.id for each in uploads if each.id not in rows or rows[each.id]["completed_at"] is None]
        untold = await pool.fetch("SELECT sequence FROM completions WHERE published_at IS NULL")
        webhooks = await pool.fetch(
            "SELECT webhook_id FROM deliveries WHERE state IN ('waiting', 'retrying')"
        )
        return [
            *(f"request {each}" for each in left),
            *(f"completion {row['sequence']}" for row in untold),
            *(f"webhook {row['webhook_id']}" for row in webhooks),
        ]
