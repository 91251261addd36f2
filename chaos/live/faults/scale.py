"""More processes and fewer: four processors for a while, one ingest and one status where there were two."""

import asyncio
import random
from collections.abc import Iterator

from chaos.live.faults.fault import Blow, Fault
from chaos.live.world.part import Part
from chaos.live.world.programs import MOST
from chaos.live.world.world import World

SECONDS = (5.0, 20.0)


def faults() -> Iterator[Fault]:
    yield Fault(name="processors 1, 4, 1", act=_scale_processors, needs_everything_up=True)
    yield Fault(name="ingest and status 2, 1, 2", act=_leave_one_of_each)


async def _scale_processors(world: World, chance: random.Random) -> Blow:
    more = [world.parts[f"processor-{number}"] for number in range(1, MOST["processor"])]
    for part in more:
        part.start()
    try:
        await world.ready()
        await asyncio.sleep(chance.choice(SECONDS))
    finally:
        await _stop(more)
    return Blow()


async def _leave_one_of_each(world: World, chance: random.Random) -> Blow:
    victims = [chance.choice(world.running(role)) for role in ("ingest", "status")]
    await _stop(victims)
    await asyncio.sleep(chance.choice(SECONDS))
    for part in victims:
        part.start()
    return Blow(down=frozenset(part.name for part in victims))


async def _stop(parts: list[Part]) -> None:
    await asyncio.gather(*(part.stop() for part in parts))
