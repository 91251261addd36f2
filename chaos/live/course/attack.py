"""Which faults come next: all of them in a seeded order, up to three at once, again and again until time or
number are over.
"""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chaos.live.faults.fault import SERVICES, Blow, Fault
from chaos.live.journal import Journal, Struck
from chaos.live.world.world import NotReady, World

REST_SECONDS = (0.5, 4.0)  # between two: what began under the one ends under the other
LAST_BEGINS_SECONDS = 45.0  # before the time is over
READY_SECONDS_MORE = 180.0  # after it
ANOTHER_BESIDE, MOST_AT_ONCE = 0.7, 3
ROLES = (*SERVICES, "kafka", "postgres", "store")

Volley = tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """`until` is on the monotonic clock. Without any fault it lets the time pass."""

    seed: int
    faults: Sequence[Fault]
    until: float | None = None
    strikes: int | None = None
    volley_seconds: float | None = None  # where no time is set; None: for as long as anything moves

    async def run(self, world: World, journal: Journal) -> None:
        """Raises `NotReady` when the world does not come back after a fault."""
        chance = random.Random(f"{self.seed} attack")
        possible = [fault for fault in self.faults if fault.hindered(world) is None]
        struck = 0
        while possible and not self._is_over(struck):
            for volley in volleys(possible, chance):
                if self._is_over(struck):
                    break
                for each in await self._strike(volley, world, f"{self.seed} strike {struck}"):
                    journal.add(each)
                struck += len(volley)
                await asyncio.sleep(chance.uniform(*REST_SECONDS))
        if not possible and self.until is not None:
            await asyncio.sleep(self.until - time.monotonic())

    def _is_over(self, struck: int) -> bool:
        if self.strikes is not None and struck >= self.strikes:
            return True
        return self.until is not None and time.monotonic() > self.until - LAST_BEGINS_SECONDS

    async def _strike(self, volley: Volley, world: World, seed: str) -> list[Struck]:
        """Returns when every part is ready again. While there is load something always moves, so a part that
        never comes back is given up when the time is long over.
        """
        try:
            async with asyncio.timeout(self._most_seconds()):
                return await _struck(volley, world, seed)
        except (NotReady, TimeoutError) as error:
            names = " and ".join(fault.name for fault in volley)
            raise NotReady(f"not ready after: {names} {error}") from error

    def _most_seconds(self) -> float | None:
        if self.until is None:
            return self.volley_seconds
        return self.until + READY_SECONDS_MORE - time.monotonic()


def volleys(faults: Sequence[Fault], chance: random.Random) -> Iterator[Volley]:
    """Each fault once. Those that meet in no part may strike at once."""
    deck = chance.sample(faults, len(faults))
    while deck:
        volley = [deck.pop()]
        while len(volley) < MOST_AT_ONCE and chance.random() < ANOTHER_BESIDE:
            if (another := _beside(volley, deck)) is None:
                break
            deck.remove(another)
            volley.append(another)
        yield tuple(volley)


def _beside(volley: Sequence[Fault], deck: Sequence[Fault]) -> Fault | None:
    if any(fault.needs_everything_up for fault in volley):
        return None
    touched = set[str]().union(*map(_touched, volley))
    return next(
        (each for each in deck if not each.needs_everything_up and not touched & _touched(each)), None
    )


def _touched(fault: Fault) -> set[str]:
    return {role for role in ROLES if role in fault.name}


async def _struck(volley: Volley, world: World, seed: str) -> list[Struck]:
    began = time.time()
    chances = [random.Random(f"{seed} {fault.name}") for fault in volley]
    blows = await asyncio.gather(
        *(fault.act(world, chance) for fault, chance in zip(volley, chances, strict=True))
    )
    healed = time.time()
    await world.ready()
    ended = time.time()
    return [
        _noted(fault, blow, began=began, healed=healed, ended=ended)
        for fault, blow in zip(volley, blows, strict=True)
    ]


def _noted(fault: Fault, blow: Blow, *, began: float, healed: float, ended: float) -> Struck:
    return Struck(
        name=fault.name,
        began=began,
        healed=healed,
        ended=ended,
        took_hold=blow.took_hold,
        down=tuple(sorted(blow.down)),
        poison=tuple((each.topic, each.mark) for each in blow.poison),
        remark=blow.remark,
    )
