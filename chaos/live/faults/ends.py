"""Processes that end: killed, asked to end, or stopped at once; and stay away for a while."""

import asyncio
import random
import signal
from collections.abc import Iterator, Sequence
from functools import partial

from chaos.live.faults.fault import SERVICES, Blow, Fault
from chaos.live.world.part import Part
from chaos.live.world.world import World

SHORT_SECONDS = 3.0
AWAY_SECONDS = (SHORT_SECONDS, 12.0, 60.0)  # at 8 s a publication fails, at 38 s its producer is made anew
HAD_TO_BE_KILLED = "did not end by itself when it was asked to"


def faults() -> Iterator[Fault]:
    for role in SERVICES:
        yield Fault(name=f"{role} killed", act=partial(_kill, role))
        yield Fault(name=f"{role} ended", act=partial(_end, role))
    for seconds in AWAY_SECONDS:
        for told, number in (("ended", signal.SIGTERM), ("killed", signal.SIGKILL)):
            name = f"kafka {told}, away for {seconds:.0f} s"
            yield Fault(name=name, act=partial(_leave, "kafka", number, seconds))
    yield Fault(name="postgres killed", act=partial(_leave, "postgres", signal.SIGKILL, 0.0))
    yield Fault(name="postgres stopped at once", act=partial(_leave, "postgres", signal.SIGQUIT, 0.0))


async def _kill(role: str, world: World, chance: random.Random) -> Blow:
    """One of them or all. Their keeper starts them again."""
    victims = _some(world.running(role), chance)
    for part in victims:
        part.kill()
    await asyncio.gather(*(part.started_again() for part in victims))
    return Blow(down=frozenset(part.name for part in victims))


async def _end(role: str, world: World, chance: random.Random) -> Blow:
    victims = _some(world.running(role), chance)
    ends = await asyncio.gather(*(part.stop() for part in victims))
    await asyncio.sleep(chance.choice((0.0, SHORT_SECONDS)))
    for part in victims:
        part.start()
    stubborn = [part.name for part, end in zip(victims, ends, strict=True) if end == -signal.SIGKILL]
    remark = f"{', '.join(stubborn)} {HAD_TO_BE_KILLED}" if stubborn else ""
    return Blow(down=frozenset(part.name for part in victims), remark=remark)


async def _leave(name: str, number: signal.Signals, seconds: float, world: World, _: random.Random) -> Blow:
    part = world.parts[name]
    await part.leave(number)
    await asyncio.sleep(seconds)
    part.start()
    return Blow(down=frozenset({name}))


def _some(parts: Sequence[Part], chance: random.Random) -> Sequence[Part]:
    return parts if chance.random() < 0.5 else [chance.choice(parts)]
