"""A disk without room: the store's, Kafka's, Postgres's."""

import asyncio
import random
from collections.abc import Iterator
from functools import partial

from chaos.live.faults.fault import Blow, Fault
from chaos.live.world.servers import ON_DISKS
from chaos.live.world.world import World

SECONDS = (5.0, 20.0)


def faults() -> Iterator[Fault]:
    for name in ON_DISKS:
        yield Fault(name=f"disk of {name} full", act=partial(_fill, name), hindered=_hindered)


async def _fill(name: str, world: World, chance: random.Random) -> Blow:
    disk = world.disks[name]
    disk.fill()
    try:
        await asyncio.sleep(chance.choice(SECONDS))
    finally:
        disk.free()
    return Blow(down=frozenset({name}))


def _hindered(world: World) -> str | None:
    return None if world.disks else "no file system may be mounted here"
