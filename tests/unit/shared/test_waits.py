"""Who looks now and then wakes the process up together with all others who do."""

import asyncio
from collections import defaultdict

import pytest

from shared.waits import BEAT_SECONDS, sleep_to_beat, until_beat, wait_for, wait_for_beat
from tests.worlds.simulated.jumping_loop import in_a_jumping_loop

HOUR = 3_600.0


@pytest.fixture(autouse=True, params=[0.0, 0.3])
def shift(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr("shared.waits.OWN_SHIFT", request.param)
    return float(request.param)


@pytest.mark.parametrize("seconds", [0.1, 0.25, 0.6, 1.0, 5.0])
@pytest.mark.parametrize("now", [0.0, 12.25, 12.3, 12.499])
def test_a_beat_comes_no_sooner_than_was_asked_and_less_than_a_beat_later(
    now: float, seconds: float, shift: float
) -> None:
    beat = now + until_beat(now, seconds)
    assert seconds - 1e-9 <= beat - now < seconds + BEAT_SECONDS
    assert beat / BEAT_SECONDS - shift == pytest.approx(round(beat / BEAT_SECONDS - shift))


def test_who_began_at_other_times_and_waits_for_other_times_wakes_up_at_the_same_ones(shift: float) -> None:
    woken: dict[float, int] = defaultdict(int)

    async def look(begin: float, seconds: float) -> None:
        loop, never = asyncio.get_running_loop(), asyncio.Event()
        await asyncio.sleep(begin)
        while loop.time() < 20:
            await wait_for_beat(never, seconds)
            woken[round(loop.time(), 3)] += 1

    async def story() -> None:
        await asyncio.gather(look(0.11, 1), look(0.32, 2), look(0.4, 1), look(0.53, 5), look(0.6, 1))

    in_a_jumping_loop(story)
    assert sum(woken.values()) >= 60
    assert len(woken) <= 20 / BEAT_SECONDS + 1
    shifted = [at / BEAT_SECONDS - shift for at in woken]
    assert shifted == pytest.approx([round(at) for at in shifted], abs=0.01)


def test_an_event_ends_each_wait_at_once() -> None:
    async def story() -> None:
        loop, event = asyncio.get_running_loop(), asyncio.Event()
        loop.call_later(0.1, event.set)
        await asyncio.gather(wait_for_beat(event, HOUR), wait_for(event, HOUR))
        assert loop.time() == pytest.approx(0.1)

    in_a_jumping_loop(story)


async def test_an_event_that_has_come_needs_no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    event = asyncio.Event()
    event.set()
    monkeypatch.setattr(asyncio.get_running_loop(), "call_at", None)
    await wait_for(event, HOUR)


def test_a_sleep_ends_with_a_beat_and_a_plain_wait_when_it_was_asked_to(shift: float) -> None:
    async def story() -> None:
        loop = asyncio.get_running_loop()
        await wait_for(asyncio.Event(), 0.6)
        assert loop.time() == pytest.approx(0.6)
        await sleep_to_beat(1.0)
        assert loop.time() == pytest.approx((7 + shift) * BEAT_SECONDS)

    in_a_jumping_loop(story)
