"""A host that makes a few pictures at a time, and lets others wait or cuts them off, in a loop whose clock
jumps: over the service's own rules for hosts, dispatch and results. It answers, if nobody asks for too much.
"""

import asyncio
import random
from collections.abc import Sequence

import pytest

from services.processor.fetching.fetcher import FetchLimits
from services.processor.verdicts import Failure
from services.status.records.states import ImageState
from shared.contract.codes import Code, FailureCode, http_code
from tests.worlds.simulated.processing import PATIENCE_SECONDS, ended, states_of

CUT_OFF_SECONDS = 0.02
TOO_SLOW_SECONDS = FetchLimits().grace_seconds + 1


class SlowHost:
    """It finishes every picture that it was asked for, also if nobody waits for it any more."""

    def __init__(self, at_once: int, seconds: float) -> None:
        self._free_at = [0.0] * at_once
        self._seconds = seconds

    async def answer(self, ordinal: int) -> Failure | None:
        now = asyncio.get_running_loop().time()
        first = self._free_at.index(min(self._free_at))
        self._free_at[first] = max(self._free_at[first], now) + self._seconds
        wait_seconds = self._free_at[first] - now
        await asyncio.sleep(min(wait_seconds, PATIENCE_SECONDS))
        return Failure(FailureCode.TIMED_OUT) if wait_seconds > PATIENCE_SECONDS else None


class FullHost:
    """It takes so many connections, and cuts all others off at once."""

    def __init__(self, at_once: int, seconds: float, code: Code) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._seconds = seconds
        self._code = code

    async def answer(self, ordinal: int) -> Failure | None:
        if self._places.locked():
            await asyncio.sleep(CUT_OFF_SECONDS)
            return Failure(self._code)
        async with self._places:
            await asyncio.sleep(self._seconds)
        return None


class TroubledHost:
    """It cuts off some of its pictures each time, whatever else it is asked for."""

    def __init__(self, share: float, seconds: float) -> None:
        self._share = share
        self._seconds = seconds

    def has(self, ordinal: int) -> bool:
        return random.Random(ordinal).random() >= self._share

    async def answer(self, ordinal: int) -> Failure | None:
        await asyncio.sleep(self._seconds if self.has(ordinal) else CUT_OFF_SECONDS)
        return None if self.has(ordinal) else Failure(FailureCode.CONNECTION_LOST)


class PartlyDeadHost:
    """Some of its pictures never come, as many come too slowly, whatever else it is asked for."""

    def __init__(self, share: float, seconds: float) -> None:
        self._share = share
        self._seconds = seconds

    def has(self, ordinal: int) -> bool:
        return random.Random(ordinal).random() >= 2 * self._share

    async def answer(self, ordinal: int) -> Failure | None:
        if self.has(ordinal):
            await asyncio.sleep(self._seconds)
            return None
        has_begun = random.Random(ordinal).random() < self._share
        await asyncio.sleep(TOO_SLOW_SECONDS if has_begun else PATIENCE_SECONDS)
        return Failure(FailureCode.TOO_SLOW if has_begun else FailureCode.TIMED_OUT)


class HangingHost:
    """It is quick, but some of its pictures never come."""

    def __init__(self, share: float) -> None:
        self._share = share

    def has(self, ordinal: int) -> bool:
        return random.Random(ordinal).random() >= self._share

    async def answer(self, ordinal: int) -> Failure | None:
        await asyncio.sleep(0.3 if self.has(ordinal) else PATIENCE_SECONDS)
        return None if self.has(ordinal) else Failure(FailureCode.TIMED_OUT)


@pytest.mark.parametrize("kills", [[[]], [[8.0]], [[4.0, 12.0, 20.0]], [[], []], [[8.0, 33.0], [20.0]]])
@pytest.mark.parametrize(("at_once", "seconds", "images"), [(4, 2, 60), (3, 3, 60), (2, 3, 60), (8, 2, 300)])
def test_no_image_of_a_slow_host_fails_however_often_its_processors_are_killed(
    at_once: int, seconds: float, images: int, kills: Sequence[Sequence[float]]
) -> None:
    """R09, R18"""
    assert states_of(SlowHost(at_once, seconds), images, kills) == {ImageState.DONE: images}


@pytest.mark.parametrize("code", [FailureCode.CONNECTION_LOST, FailureCode.CONNECT_FAILED, http_code(502)])
@pytest.mark.parametrize("kills", [[[]], [[], []], [[8.0, 33.0], [20.0]]])
@pytest.mark.parametrize(("at_once", "seconds", "images"), [(4, 0.3, 300), (4, 3, 100), (10, 0.3, 1000)])
def test_no_image_fails_of_a_host_that_takes_few_connections_and_cuts_the_others_off(
    at_once: int, seconds: float, images: int, kills: Sequence[Sequence[float]], code: Code
) -> None:
    """R09, R18: four in five had, by our own requests."""
    assert states_of(FullHost(at_once, seconds, code), images, kills) == {ImageState.DONE: images}


@pytest.mark.parametrize(("at_once", "seconds"), [(1, 1), (2, 0.5), (1, 0.1)])
def test_nor_of_one_that_takes_one_or_two_where_one_processor_asks_it(at_once: int, seconds: float) -> None:
    host = FullHost(at_once, seconds, FailureCode.CONNECTION_LOST)
    assert states_of(host, 60, [[]]) == {ImageState.DONE: 60}


@pytest.mark.parametrize(("at_once", "seconds"), [(2, 0.5), (2, 0.1), (3, 0.3)])
def test_nor_of_one_that_takes_two_or_three_where_two_processors_ask_it(at_once: int, seconds: float) -> None:
    host = FullHost(at_once, seconds, FailureCode.CONNECTION_LOST)
    assert states_of(host, 200, [[], []]) == {ImageState.DONE: 200}


@pytest.mark.parametrize("kills", [[[]], [[], []]])
@pytest.mark.parametrize("share", [0.01, 0.1, 0.3])
def test_a_host_that_cuts_some_of_its_pictures_off_for_reasons_of_its_own_gives_the_others_soon(
    share: float, kills: Sequence[Sequence[float]]
) -> None:
    """R18: it was asked for one at a time and left alone for seconds: one in ten made it 35 times as slow."""
    host = TroubledHost(share, 0.3)
    good = sum(map(host.has, range(1000)))
    states, seconds = ended(host, 1000, kills)
    assert states == {ImageState.DONE: good, ImageState.FAILED: 1000 - good}
    assert seconds < 1000 * 0.3 / 2


@pytest.mark.parametrize("kills", [[[]], [[], []]])
def test_a_host_of_which_some_pictures_never_come_or_too_slowly_is_asked_for_as_many_at_once(
    kills: Sequence[Sequence[float]],
) -> None:
    """R18: each of them halved what it got, down to one at a time, and the others stood behind them."""
    host = PartlyDeadHost(0.1, 0.3)
    good = sum(map(host.has, range(300)))
    states, seconds = ended(host, 300, kills)
    assert states == {ImageState.DONE: good, ImageState.FAILED: 300 - good}
    assert seconds < 300


@pytest.mark.parametrize("kills", [[[]], [[], []]])
@pytest.mark.parametrize("share", [0.1, 0.2, 0.3])
def test_a_host_of_which_many_pictures_hang_loses_none_of_the_others(
    share: float, kills: Sequence[Sequence[float]]
) -> None:
    """R18: those that hang end together, as if the host were away; others failed at its rest, unasked."""
    host = HangingHost(share)
    good = sum(map(host.has, range(400)))
    assert states_of(host, 400, kills) == {ImageState.DONE: good, ImageState.FAILED: 400 - good}
