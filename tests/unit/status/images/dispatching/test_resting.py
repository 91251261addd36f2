"""Status looks for results less often while only large requests wait for some, and at once for all others."""

import asyncio
from collections.abc import Sequence

import pytest

from services.status.images.dispatching.dispatch_memory import OpenRequest
from services.status.images.dispatching.resting import (
    LAST_IMAGES,
    LOOK_SECONDS,
    RESTED_SHARE,
    ROUND_SECONDS,
    Resting,
    look_seconds,
    rest_seconds,
)
from services.status.images.settling.gathering import (
    FEW_SECONDS,
    GATHER_SECONDS,
    SHARE_OF_IN_FLIGHT,
    SMALL_IMAGES,
)
from tests.unit.status.images.dispatching.test_dispatch_memory import request
from tests.worlds.patience import DEADLINE_SECONDS

FOR_EVER = 3_600.0
LARGE = request(1, in_flight=80, fresh=1_000)
SMALL = request(2, in_flight=SMALL_IMAGES, fresh=0)
NEW = request(3, in_flight=0, fresh=1_000)
ALL_BACK = request(3, in_flight=0, fresh=1_000, ended=24)
NEARLY_DONE = request(4, in_flight=20, fresh=5, due=7)
LAST = request(5, in_flight=LAST_IMAGES, fresh=0, ended=900)


@pytest.mark.parametrize(
    ("requests", "usual_seconds", "seconds"),
    [
        ([], 1.0, 0),
        ([LARGE], 0.0, 0),  # nothing is known yet
        ([LARGE], 0.4, 0.4 * RESTED_SHARE),
        ([LARGE], 1.0, 0.5 - ROUND_SECONDS),
        ([LARGE, LARGE], 100.0, GATHER_SECONDS),
        ([SMALL], 1.0, FEW_SECONDS),
        ([SMALL], 0.1, 0.1 * RESTED_SHARE),
        ([LARGE, SMALL], 1.0, FEW_SECONDS),
        ([LARGE, NEW], 1.0, 0),
        ([LARGE, ALL_BACK], 1.0, 0.5 - ROUND_SECONDS),
        ([NEARLY_DONE], 1.0, FEW_SECONDS),
        ([LARGE, LAST], 1.0, 0),
    ],
)
def test_status_rests_for_a_part_of_the_time_that_images_are_out_unless_somebody_is_in_a_hurry(
    requests: Sequence[OpenRequest], usual_seconds: float, seconds: float
) -> None:
    assert rest_seconds(requests, usual_seconds) == seconds


@pytest.mark.parametrize(
    ("rest", "seconds"),
    [(0.0, LOOK_SECONDS), (0.01, LOOK_SECONDS), (0.5, 0.5 + ROUND_SECONDS)],
)
def test_while_looks_for_results_rest_the_dispatcher_waits_until_they_call_it(
    rest: float, seconds: float
) -> None:
    assert look_seconds(rest) == seconds


def test_one_look_brings_what_results_would_wait_for() -> None:
    assert RESTED_SHARE > 1 / SHARE_OF_IN_FLIGHT


async def test_before_it_is_told_anything_nobody_rests() -> None:
    async with asyncio.timeout(DEADLINE_SECONDS):
        await Resting().rest()


async def test_a_rest_lasts_as_long_as_it_was_told() -> None:
    resting = Resting()
    resting.rest_for(0.001)
    async with asyncio.timeout(DEADLINE_SECONDS):
        await resting.rest()


async def test_somebody_in_a_hurry_ends_a_rest_and_lets_the_next_one_begin_anew() -> None:
    resting = Resting()
    resting.rest_for(FOR_EVER)
    rests = asyncio.create_task(resting.rest())
    await asyncio.sleep(0)
    resting.rest_for(FOR_EVER)
    await asyncio.sleep(0)
    assert not rests.done()
    resting.rest_for(0.0)
    async with asyncio.timeout(DEADLINE_SECONDS):
        await rests
        await resting.rest()
    resting.rest_for(FOR_EVER)
    again = asyncio.create_task(resting.rest())
    await asyncio.sleep(0)
    assert not again.done()
    again.cancel()
