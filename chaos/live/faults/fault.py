"""What a fault is: something is done to the world, it lasts, and it is healed; then it is told."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from chaos.live.world.world import World

SERVICES = ("ingest", "status", "processor", "notifier")  # in the order in which their faults are told


class Poisoned(NamedTuple):
    """A message that nobody can handle. Its mark stands in a header, which its dead letter keeps."""

    topic: str
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blow:
    """What it came to. `down` are the parts that were away, frozen, cut off or slowed meanwhile."""

    down: frozenset[str] = frozenset()
    poison: Sequence[Poisoned] = ()
    took_hold: bool = True  # else nobody came by the failpoint in time
    remark: str = ""


def nothing_hinders(_: World) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """`act` returns when it is healed. `hindered` says why this machine cannot do it."""

    name: str
    act: Callable[[World, random.Random], Awaitable[Blow]]
    needs_everything_up: bool = False  # it cannot be done beside another
    hindered: Callable[[World], str | None] = field(default=nothing_hinders)
