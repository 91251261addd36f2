"""Parts that stand still, as under a hanging disk or on a paused machine: for longer than others wait."""

import asyncio
import random
from collections.abc import Iterator
from functools import partial

from chaos.live.faults.fault import SERVICES, Blow, Fault
from chaos.live.world.world import World

SECONDS = (5.0, 12.0, 30.0)


def faults() -> Iterator[Fault]:
    for role in (*SERVICES, "kafka", "postgres"):
        yield Fault(name=f"{role} frozen", act=partial(_freeze, role, everyone=True))
    yield Fault(name="one of two status frozen", act=partial(_freeze, "status", everyone=False))


async def _freeze(role: str, world: World, chance: random.Random, *, everyone: bool) -> Blow:
    parts = world.running(role)
    victims = parts if everyone else [chance.choice(parts)]
    for part in victims:
        part.freeze()
    try:
        await asyncio.sleep(chance.choice(SECONDS))
    finally:
        for part in victims:
            part.thaw()
    return Blow(down=frozenset(part.name for part in victims))
