"""A host that has sent pictures and is away for minutes, in a loop whose clock jumps: over the service's own
rules for hosts, dispatch and results.
"""

import asyncio
import random
from collections.abc import Sequence

import pytest

from services.processor.fetching.outages import PATIENCE_SECONDS
from services.processor.verdicts import Failure
from services.status.records.states import ImageState
from shared.contract.codes import Code, FailureCode, http_code
from tests.worlds.simulated.processing import PATIENCE_SECONDS as TIME_OUT_SECONDS
from tests.worlds.simulated.processing import ended

IMAGES = 1_000
AWAY_AT = 5.0
BAD_GATEWAY, TIMED_OUT = http_code(502), FailureCode.TIMED_OUT
AWAY_CODES: list[Code] = [BAD_GATEWAY, http_code(503), FailureCode.CONNECT_FAILED, TIMED_OUT]


class HostWithOutage:
    """Away for so long; some of its pictures never come on other days either."""

    def __init__(self, code: Code, away_seconds: float, bad_share: float = 0.0) -> None:
        self._code = code
        self._back_at = AWAY_AT + away_seconds
        self._bad_share = bad_share
        self.asked_in_vain = 0

    def has(self, ordinal: int) -> bool:
        return random.Random(ordinal).random() >= self._bad_share

    async def answer(self, ordinal: int) -> Failure | None:
        is_away = AWAY_AT <= asyncio.get_running_loop().time() < self._back_at
        if self.has(ordinal) and not is_away:
            await asyncio.sleep(0.3)
            return None
        self.asked_in_vain += 1
        await asyncio.sleep(TIME_OUT_SECONDS if self._code is TIMED_OUT else 0.02)
        return Failure(self._code)


class HostWithDeadBlocks:
    """The last of so many of its pictures are dead, one after another."""

    def __init__(self, code: Code, block: int, dead: int) -> None:
        self._code = code
        self._block = block
        self._dead = dead

    def has(self, ordinal: int) -> bool:
        return ordinal % self._block < self._block - self._dead

    async def answer(self, ordinal: int) -> Failure | None:
        if self.has(ordinal):
            await asyncio.sleep(0.3)
            return None
        await asyncio.sleep(TIME_OUT_SECONDS if self._code is TIMED_OUT else 0.02)
        return Failure(self._code)


class HostThatLosesASection:
    """Each second one of its first pictures is dead from some moment on: with two processors one of them is
    asked for those, the last URL that was answered to it among them.
    """

    section = 600

    async def answer(self, ordinal: int) -> Failure | None:
        is_dead = ordinal < self.section and not ordinal % 2
        is_lost = is_dead and asyncio.get_running_loop().time() > 2 * AWAY_AT
        await asyncio.sleep(3.0)
        return Failure(BAD_GATEWAY) if is_lost else None


class HostThatComesAndGoes:
    """There for the first third of each period."""

    def __init__(self, code: Code, period_seconds: float) -> None:
        self._code = code
        self._period_seconds = period_seconds

    async def answer(self, ordinal: int) -> Failure | None:
        is_there = asyncio.get_running_loop().time() % self._period_seconds < self._period_seconds / 3
        await asyncio.sleep(0.3 if is_there else 0.02)
        return None if is_there else Failure(self._code)


@pytest.mark.parametrize("code", AWAY_CODES)
@pytest.mark.parametrize("kills", [[[]], [[], []]])
@pytest.mark.parametrize("away_seconds", [20.0, 240.0, PATIENCE_SECONDS - 60])
def test_no_image_fails_of_a_host_that_is_back_within_minutes_and_it_is_hardly_asked_meanwhile(
    away_seconds: float, kills: Sequence[Sequence[float]], code: Code
) -> None:
    """R09, R18: after half a minute of 502 from the proxy before it all that were left had failed."""
    host = HostWithOutage(code, away_seconds)
    states, seconds = ended(host, IMAGES, kills)
    assert states == {ImageState.DONE: IMAGES}
    assert seconds < AWAY_AT + away_seconds + 120
    assert host.asked_in_vain < len(kills) * (3 * 24 + away_seconds / 10)


@pytest.mark.parametrize("code", AWAY_CODES)
def test_the_images_of_one_that_does_not_come_back_end(code: Code) -> None:
    host = HostWithOutage(code, 1e9)
    states, seconds = ended(host, IMAGES, [[]])
    assert states[ImageState.FAILED] > IMAGES / 2
    assert states.total() == IMAGES
    assert seconds < AWAY_AT + PATIENCE_SECONDS + 300


@pytest.mark.parametrize("code", [BAD_GATEWAY, FailureCode.CONNECTION_LOST])
@pytest.mark.parametrize("kills", [[[]], [[], []]])
@pytest.mark.parametrize("bad_share", [0.1, 0.5, 0.9])
def test_one_of_which_some_pictures_never_come_has_no_outage_in_the_end(
    bad_share: float, kills: Sequence[Sequence[float]], code: Code
) -> None:
    """R18: those are left then, and were taken for a host that is away."""
    host = HostWithOutage(code, 0.0, bad_share)
    good = sum(map(host.has, range(IMAGES)))
    states, seconds = ended(host, IMAGES, kills)
    assert states == {ImageState.DONE: good, ImageState.FAILED: IMAGES - good}
    assert seconds < PATIENCE_SECONDS / 2


@pytest.mark.parametrize("code", [BAD_GATEWAY, http_code(500), FailureCode.CONNECTION_LOST])
@pytest.mark.parametrize("kills", [[[]], [[], []]])
@pytest.mark.parametrize(("block", "dead"), [(150, 50), (400, 200), (IMAGES, 50)])
def test_nor_has_one_of_which_many_in_a_row_are_dead(
    block: int, dead: int, kills: Sequence[Sequence[float]], code: Code
) -> None:
    """R18: those of an old category, or the last rows, were waited for for ten minutes."""
    host = HostWithDeadBlocks(code, block, dead)
    good = sum(map(host.has, range(IMAGES)))
    states, seconds = ended(host, IMAGES, kills)
    assert states == {ImageState.DONE: good, ImageState.FAILED: IMAGES - good}
    assert seconds < 120


@pytest.mark.parametrize(
    ("block", "dead", "at_most"), [(150, 50, 3_600), (400, 200, 1_500), (IMAGES, 50, 300)]
)
@pytest.mark.parametrize("kills", [[[]], [[], []]])
def test_where_many_in_a_row_hang_none_of_the_others_is_lost(
    block: int, dead: int, at_most: float, kills: Sequence[Sequence[float]]
) -> None:
    """R09: they failed at the rests of their host, unasked."""
    host = HostWithDeadBlocks(TIMED_OUT, block, dead)
    good = sum(map(host.has, range(IMAGES)))
    states, seconds = ended(host, IMAGES, kills)
    assert states == {ImageState.DONE: good, ImageState.FAILED: IMAGES - good}
    assert seconds < at_most


@pytest.mark.parametrize("code", [BAD_GATEWAY, FailureCode.CONNECT_FAILED])
@pytest.mark.parametrize("period_seconds", [24.0, 30.0, 60.0])
def test_one_that_comes_and_goes_is_not_asked_only_when_it_is_gone(period_seconds: float, code: Code) -> None:
    """R18: where that took twice our rest it was taken for away for ten minutes."""
    states, seconds = ended(HostThatComesAndGoes(code, period_seconds), IMAGES, [[]])
    assert states == {ImageState.DONE: IMAGES}
    assert seconds < PATIENCE_SECONDS / 2


@pytest.mark.parametrize("code", AWAY_CODES)
@pytest.mark.parametrize("kills", [[[60.0]], [[60.0, 100.0], [90.0]]])
def test_none_fails_either_by_a_processor_that_is_killed_meanwhile_and_knows_nothing_of_it(
    kills: Sequence[Sequence[float]], code: Code
) -> None:
    """R09: once each had been started anew, all that were left failed."""
    host = HostWithOutage(code, 240.0)
    states, _ = ended(host, IMAGES, kills)
    assert states == {ImageState.DONE: IMAGES}
    assert host.asked_in_vain < 250


@pytest.mark.parametrize("code", [BAD_GATEWAY, FailureCode.CONNECT_FAILED, TIMED_OUT])
@pytest.mark.parametrize("kills", [[[20.0]], [[], []]])
def test_nor_is_one_waited_for_that_is_there_by_processors_which_asked_it_for_dead_urls_alone(
    kills: Sequence[Sequence[float]], code: Code
) -> None:
    """R18: status told them that it was away, and they waited for ten minutes."""
    states, seconds = ended(HostWithDeadBlocks(code, 31, 30), 31, kills)
    assert states == {ImageState.DONE: 1, ImageState.FAILED: 30}
    assert seconds < PATIENCE_SECONDS


def test_a_processor_whose_own_url_is_lost_works_on_by_one_that_others_were_answered() -> None:
    """R18: it asked for nothing but its own, for as long as others were answered and its images came back."""
    states, seconds = ended(HostThatLosesASection(), 3 * IMAGES, [[], []])
    assert states[ImageState.DONE] > 3 * IMAGES - HostThatLosesASection.section / 2
    assert seconds < PATIENCE_SECONDS
