"""The network between a process and a server: cut, silent, slow, or half-open."""

import asyncio
import random
from collections.abc import Callable, Iterator
from functools import partial

from chaos.live.faults.fault import Blow, Fault
from chaos.live.world.link import Link, Side
from chaos.live.world.programs import SERVERS_OF
from chaos.live.world.world import World

SECONDS = (2.0, 10.0, 30.0)
SLOW_SECONDS = 0.3
HARMS: dict[str, Callable[[Link], None]] = {
    "cut off from": Link.cut,
    "hears nothing of": Link.silence,
    "slow to": lambda link: link.slow(SLOW_SECONDS),
    "alone believes in its connections to": lambda link: link.half_open(Side.CALLER),
    "has forgotten its connections to": lambda link: link.half_open(Side.SERVER),
}


def faults() -> Iterator[Fault]:
    for role, servers in SERVERS_OF.items():
        for server in servers:
            for harm in HARMS:
                yield Fault(name=f"{role} {harm} {server}", act=partial(_harm, role, server, harm))


async def _harm(role: str, server: str, harm: str, world: World, chance: random.Random) -> Blow:
    """One process of the service, or all of them."""
    callers = [part.name for part in world.running(role)]
    chosen = callers if chance.random() < 0.5 else [chance.choice(callers)]
    links = [link for pair, link in world.links.items() if pair.caller in chosen and pair.server == server]
    for link in links:
        HARMS[harm](link)
    try:
        await asyncio.sleep(chance.choice(SECONDS))
    finally:
        for link in links:
            link.heal()
    return Blow(down=frozenset(chosen))
