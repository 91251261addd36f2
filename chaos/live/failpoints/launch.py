"""`python -m chaos.live.failpoints.launch services.status` runs a service as `python -m services.status`,
with its failpoints wrapped around it. Each looks for its trap when the service comes by.
"""

import asyncio
import importlib
import inspect
import os
import runpy
import signal
import sys
from collections.abc import Awaitable, Callable
from functools import partial, wraps
from pathlib import Path
from typing import Any, NamedTuple

from chaos.live.failpoints.asked import answer_when_asked
from chaos.live.failpoints.catalogue import FAILPOINTS, Act, Failpoint, Moment
from chaos.live.failpoints.traps import TRAPS_VARIABLE, Traps

ComeBy = Callable[[Failpoint], Awaitable[None]]

SIGNALS = {Act.KILL: signal.SIGKILL, Act.FREEZE: signal.SIGSTOP}


class Place(NamedTuple):
    """Where a function is looked up, and what is found there."""

    owner: Any
    name: str
    function: Callable[..., Any]


def place_of(where: str) -> Place:
    """Raises where the code has no such function."""
    module, _, path = where.partition(":")
    *owners, name = path.split(".")
    owner: Any = importlib.import_module(module)
    for each in owners:
        owner = getattr(owner, each)
    return Place(owner, name, getattr(owner, name))


def wrap(failpoint: Failpoint, come_by: ComeBy) -> None:
    """From now on `come_by` is called where the failpoint stands."""
    place = place_of(failpoint.where)
    if not inspect.iscoroutinefunction(place.function):
        raise TypeError(f"{failpoint.where} is no coroutine function")

    @wraps(place.function)
    async def wrapped(*args: Any, **named: Any) -> Any:
        is_meant = _is_meant(failpoint, args)
        if is_meant and failpoint.moment is Moment.BEFORE:
            await come_by(failpoint)
        result = await place.function(*args, **named)
        if is_meant and failpoint.moment is Moment.AFTER:
            await come_by(failpoint)
        return result

    setattr(place.owner, place.name, wrapped)


def main(module: str, traps: Traps) -> None:
    role = module.rpartition(".")[2]
    for failpoint in FAILPOINTS:
        if failpoint.role == role:
            wrap(failpoint, partial(come_by, traps))
    answer_when_asked()
    sys.argv = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


async def come_by(traps: Traps, failpoint: Failpoint) -> None:
    if not traps.springs(failpoint.name):
        return
    if failpoint.stands_seconds:  # else nobody gets a turn in between
        await asyncio.sleep(failpoint.stands_seconds)
    os.kill(os.getpid(), SIGNALS[failpoint.act])


def _is_meant(failpoint: Failpoint, args: tuple[Any, ...]) -> bool:
    return all(getattr(args[0], name) == value for name, value in (failpoint.of or {}).items())


if __name__ == "__main__":
    main(sys.argv[1], Traps(Path(os.environ[TRAPS_VARIABLE])))
