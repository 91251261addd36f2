"""Hosts that never answer: minutes in a loop whose clock jumps from one event to the next, over
the service's own rules for turns, windows, places and results, and the processor's for hosts.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

import pytest

from services.processor.fetching.host_gates import HostGates
from services.processor.verdicts import Failure
from services.status.images.rules import ImageNow
from services.status.records.states import ImageState
from shared.contract.codes import FailureCode
from shared.contract.events import ImageDone
from shared.outbound.client import Timeouts
from tests.worlds.simulated.dispatching import WORK_SECONDS, HostOf, request, run, told
from tests.worlds.simulated.jumping_loop import in_a_jumping_loop

REQUESTS_PER_HOST = 24  # as in the processor's settings
IMAGES_UNDER_WAY = 64
PROCESSORS = 2
TEN_MINUTES = 600.0
HEAD_SECONDS = Timeouts().head_seconds

GOOD = "good.example"


def good(_: int) -> str:
    return GOOD


def dead(_: int) -> str:
    return "dead.example"


def good_and_dead(dead_hosts: int) -> HostOf:
    """In turn."""
    return lambda ordinal: GOOD if ordinal % 2 else f"dead{ordinal // 2 % dead_hosts}.example"


@dataclass
class Processors:
    """Two of them, each with its own knowledge of the hosts."""

    gates: list[HostGates]
    slots: list[asyncio.Semaphore]
    hang_seconds: float

    async def work(self, host: str, ordinal: int, _: ImageNow) -> ImageDone:
        one = ordinal // 2 % PROCESSORS
        async with self.slots[one], self.gates[one].passage(("https", host, 443)) as passage:
            if passage.refusal is not None:
                return told(ordinal, passage.refusal)
            failure = None if host == GOOD else Failure(FailureCode.TIMED_OUT)
            await asyncio.sleep(WORK_SECONDS if failure is None else self.hang_seconds)
            passage.end(failure)
        return told(ordinal, failure)


def processors(hang_seconds: float) -> Processors:
    clock = asyncio.get_running_loop().time
    return Processors(
        [HostGates(REQUESTS_PER_HOST, under_way=IMAGES_UNDER_WAY, clock=clock) for _ in range(PROCESSORS)],
        [asyncio.Semaphore(IMAGES_UNDER_WAY) for _ in range(PROCESSORS)],
        hang_seconds,
    )


@pytest.mark.parametrize("hang_seconds", [Timeouts().connect_seconds, 30.0])
def test_five_hundred_urls_of_a_black_hole_end_within_ten_minutes(hang_seconds: float) -> None:
    """R18: on defaults, whether the host drops packets or accepts and says nothing."""

    async def story() -> None:
        hanging = request(1, 500, processors(hang_seconds).work, dead)
        with suppress(TimeoutError):
            async with asyncio.timeout(2 * TEN_MINUTES):
                await run(hanging)
        assert Counter((image.state, image.code) for image in hanging.images) == {
            (ImageState.FAILED, "timed_out"): 500
        }
        assert hanging.ended_at is not None, hanging.ended
        assert hanging.ended_at < TEN_MINUTES

    in_a_jumping_loop(story)


@pytest.mark.parametrize("hang_seconds", [Timeouts().connect_seconds, 30.0])
def test_a_hanging_request_slows_a_healthy_one_by_less_than_twice(hang_seconds: float) -> None:
    async def story() -> None:
        alone = request(1, 3_000, processors(hang_seconds).work, good)
        await run(alone)
        took_alone = asyncio.get_running_loop().time()
        both = processors(hang_seconds)
        hanging, healthy = request(1, 500, both.work, dead), request(2, 3_000, both.work, good)
        began = asyncio.get_running_loop().time()
        async with asyncio.timeout(2 * TEN_MINUTES):
            await run(hanging, healthy)
        assert healthy.ended_at is not None
        assert healthy.ended_at - began < 2 * took_alone

    in_a_jumping_loop(story)


@pytest.mark.parametrize("dead_hosts", [1, 50])
def test_good_images_pass_as_many_of_silent_hosts_in_the_same_csv_and_all_end(dead_hosts: int) -> None:
    """R09, R18"""

    async def story() -> None:
        alone = request(1, 1_000, processors(HEAD_SECONDS).work, good)
        await run(alone)
        began = asyncio.get_running_loop().time()
        mixed = request(1, 2_000, processors(HEAD_SECONDS).work, good_and_dead(dead_hosts))
        async with asyncio.timeout(2 * TEN_MINUTES):
            await run(mixed)
        states = Counter(image.state for image in mixed.images)
        assert states == {ImageState.DONE: 1_000, ImageState.FAILED: 1_000}
        assert mixed.last_good_at - began < 2 * alone.last_good_at
        assert mixed.ended_at is not None
        assert mixed.ended_at - began < TEN_MINUTES

    in_a_jumping_loop(story)
