"""A service is killed while what it needs stands still: what it had taken and not finished comes again."""

import asyncio
import random
from collections.abc import Iterator
from functools import partial

from chaos.live.faults.fault import Blow, Fault
from chaos.live.world.programs import SERVERS_OF
from chaos.live.world.world import World

BEFORE_SECONDS = (1.0, 6.0)  # it stands still before the kill: work gathers
AFTER_SECONDS = 2.0


def faults() -> Iterator[Fault]:
    for role, servers in SERVERS_OF.items():
        for server in servers:
            name = f"{role} killed while {server} is frozen"
            yield Fault(name=name, act=partial(_kill_before_frozen, role, server))


async def _kill_before_frozen(role: str, server: str, world: World, chance: random.Random) -> Blow:
    frozen, victims = world.parts[server], world.running(role)
    frozen.freeze()
    try:
        await asyncio.sleep(chance.choice(BEFORE_SECONDS))
        for part in victims:
            part.kill()
        await asyncio.gather(*(part.started_again() for part in victims))
        await asyncio.sleep(AFTER_SECONDS)
    finally:
        frozen.thaw()
    return Blow(down=frozenset({server, *(part.name for part in victims)}))
