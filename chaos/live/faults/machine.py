"""What others do on the same machine: they take all its cores, or set the clock of one process."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from chaos.live.faults.fault import SERVICES, Blow, Fault
from chaos.live.world.part import Part
from chaos.live.world.world import World
from deploy.local.environment import plain_environment
from deploy.local.processes.child import Child, Program, stop

BUSY_SECONDS = (15.0, 60.0)
JUMPED_SECONDS = (5.0, 20.0)
READ_AGAIN_SECONDS = 1  # after which a process sees what its clock was set to
JUMPS = {"10 minutes ahead": "+600", "10 minutes behind": "-600"}
TRUE_TIME = "+0"
LIBRARY = "*/faketime/libfaketimeMT.so.1"  # below /usr/lib, of any architecture


def faults() -> Iterator[Fault]:
    yield Fault(name="cores taken by others", act=_take_all_cores)
    for role in SERVICES:
        for told, jump in JUMPS.items():
            name = f"clock of {role} {told}"
            yield Fault(name=name, act=partial(_set_clock, role, jump), hindered=_without_library)


async def _take_all_cores(world: World, chance: random.Random) -> Blow:
    others = [Child(_busy(world.folder, number)) for number in range(os.cpu_count() or 1)]
    try:
        await asyncio.sleep(chance.choice(BUSY_SECONDS))
    finally:
        await asyncio.to_thread(stop, others)
    return Blow(down=frozenset(world.parts))


def _busy(folder: Path, number: int) -> Program:
    return Program(
        name=f"busy-{number}",
        command=(sys.executable, "-c", "while True: pass"),
        environment=plain_environment(),
        folder=folder,
        log=folder / "logs" / "busy.log",
        stop_signals=((signal.SIGKILL, 1.0),),
    )


async def _set_clock(role: str, jump: str, world: World, chance: random.Random) -> Blow:
    """Of a process that runs. It is started anew for it, and afterwards without it."""
    part = chance.choice(world.running(role))
    clock = world.folder / f"clock-{part.name}"
    clock.write_text(TRUE_TIME)
    async with _with_clock(part, clock):
        await world.ready()
        clock.write_text(jump)
        await asyncio.sleep(chance.choice(JUMPED_SECONDS))
        clock.write_text(TRUE_TIME)
        await asyncio.sleep(2 * READ_AGAIN_SECONDS)
    return Blow(down=frozenset({part.name}))


@asynccontextmanager
async def _with_clock(part: Part, clock: Path) -> AsyncIterator[None]:
    usual = part.program
    environment = {
        **usual.environment,
        "LD_PRELOAD": str(_library()),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": str(READ_AGAIN_SECONDS),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_DISABLE_SHM": "1",
        "NO_FAKE_STAT": "1",
    }
    await _start_as(part, replace(usual, environment=environment))
    try:
        yield
    finally:
        await _start_as(part, usual)


async def _start_as(part: Part, program: Program) -> None:
    await part.stop()
    part.program = program
    part.start()


def _library() -> Path | None:
    return next(Path("/usr/lib").glob(LIBRARY), None)


def _without_library(_: World) -> str | None:
    return None if _library() else "libfaketime is not installed (make tools)"
