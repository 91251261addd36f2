"""A service ends or freezes in a gap of the table of crashes: at a failpoint that it comes by at work."""

import asyncio
import os
import random
import signal
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

from chaos.live.failpoints.catalogue import FAILPOINTS, Act, Failpoint
from chaos.live.faults.fault import Blow, Fault
from chaos.live.world.world import World

WAIT_SECONDS = 30.0  # until somebody comes by
FROZEN_SECONDS = (5.0, 30.0)
POLL_SECONDS = 0.05


def faults() -> Iterator[Fault]:
    for failpoint in FAILPOINTS:
        name = f"{failpoint.role} at: {failpoint.name}"
        yield Fault(name=name, act=partial(_spring, failpoint), needs_everything_up=True)


async def _spring(failpoint: Failpoint, world: World, chance: random.Random) -> Blow:
    world.traps.arm(failpoint.name)
    try:
        pid = await _victim(failpoint, world)
    finally:
        world.traps.disarm(failpoint.name)
    if pid is None:
        return Blow(took_hold=False, remark=f"nobody came by within {WAIT_SECONDS:.0f} s")
    down = frozenset(part.name for part in world.running(failpoint.role))
    await asyncio.sleep(failpoint.stands_seconds)
    if failpoint.act is Act.FREEZE:
        await asyncio.sleep(chance.choice(FROZEN_SECONDS))
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
    return Blow(down=down)


async def _victim(failpoint: Failpoint, world: World) -> int | None:
    with suppress(TimeoutError):
        async with asyncio.timeout(WAIT_SECONDS):
            while (pid := world.traps.sprung_in(failpoint.name)) is None:  # noqa: ASYNC110 - of another process
                await asyncio.sleep(POLL_SECONDS)
            return pid
    return None
