"""One seed from its beginning to its verdict."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chaos.simulation.checker import violations
from chaos.simulation.people import People
from chaos.simulation.scheduler import Scheduler
from chaos.simulation.topics import Topics
from chaos.simulation.universe import open_universe


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    seed: int
    steps: int
    faults: Mapping[str, int]
    happened: Mapping[str, int]
    violations: Sequence[str]
    digest: str  # of all that was told on the topics: the same seed gives the same


async def simulate(dsn: str, seed: int, steps: int) -> Verdict:
    """In a database that `simulated_database` made and that nobody else uses."""
    async with open_universe(dsn, seed) as universe:
        scheduler = Scheduler(universe, People(universe.chance))
        await scheduler.run(steps)
        left = await scheduler.go_on_to_the_end()
        stands_still = [f"it never ends: {each}" for each in left]
        return Verdict(
            seed=seed,
            steps=scheduler.steps,
            faults=dict(scheduler.faults),
            happened=dict(universe.processors.happened),
            violations=stands_still or await violations(universe, scheduler.people),
            digest=_digest(universe.topics),
        )


def _digest(topics: Topics) -> str:
    every = [f"{place} {message.id}" for place, log in sorted(topics.logs.items()) for message in log]
    return hashlib.sha256("\n".join(every).encode()).hexdigest()[:16]
