"""Which faults strike when: by the seed, each once a round, several at once only where they do not meet."""

import asyncio
import random
import time

import pytest

from chaos.live.course.attack import READY_SECONDS_MORE, Attack, volleys
from chaos.live.faults.catalogue import FAULTS
from chaos.live.faults.fault import Blow, Fault
from chaos.live.world.world import NotReady


def struck(seed: int) -> list[tuple[str, ...]]:
    return [tuple(fault.name for fault in volley) for volley in volleys(FAULTS, random.Random(seed))]


def test_a_seed_gives_the_same_order_again() -> None:
    assert struck(7) == struck(7)
    assert struck(7) != struck(8)


def test_a_round_has_each_fault_once() -> None:
    assert sorted(name for volley in struck(7) for name in volley) == sorted(fault.name for fault in FAULTS)


def test_those_that_strike_at_once_meet_in_no_part() -> None:
    known = {fault.name: fault for fault in FAULTS}
    several = [volley for seed in range(20) for volley in struck(seed) if len(volley) > 1]
    assert {len(volley) for volley in several} == {2, 3}
    assert not any(known[name].needs_everything_up for volley in several for name in volley)
    for part in ("kafka", "postgres", "status", "processor"):
        assert not [volley for volley in several if sum(part in name for name in volley) > 1]


def test_one_that_needs_everything_up_strikes_alone() -> None:
    async def nothing(*_: object) -> None: ...

    alone = Fault(name="alone", act=nothing, needs_everything_up=True)  # type: ignore[arg-type]
    other = Fault(name="other", act=nothing)  # type: ignore[arg-type]
    for seed in range(20):
        assert all(len(volley) == 1 for volley in volleys([alone, other], random.Random(seed)))


async def strikes(*_: object) -> Blow:
    return Blow()


class Lost:
    async def ready(self) -> None:
        await asyncio.Event().wait()


KILLED = Fault(name="status killed", act=strikes)
OVER = time.monotonic() - READY_SECONDS_MORE


@pytest.mark.parametrize(
    "attack",
    [
        Attack(seed=1, faults=[KILLED], until=OVER),
        Attack(seed=1, faults=[KILLED], strikes=1, volley_seconds=0.0),
    ],
    ids=["the time is over", "its own time is over"],
)
async def test_a_world_that_does_not_come_back_is_given_up_with_the_fault_that_did_it(attack: Attack) -> None:
    with pytest.raises(NotReady, match="status killed"):
        await attack._strike(tuple(attack.faults), Lost(), "1")  # type: ignore[arg-type]
