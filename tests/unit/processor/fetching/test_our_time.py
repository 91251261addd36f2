"""R29: a host is judged for its own time, and never for ours."""

from dataclasses import dataclass

import pytest

from services.processor.fetching.our_time import OurTime
from services.processor.verdicts import Failure
from shared.contract.codes import Code, FailureCode, http_code
from shared.observing.loop_lag import NOISE_SECONDS, LoopLag
from shared.waits import BEAT_SECONDS


@dataclass
class Clock:
    now: float = 100.0

    def __call__(self) -> float:
        return self.now


def excused(code: Code, seconds: float, late: float = 0, waited: float = 0) -> bool:
    clock, before = Clock(), 40.0
    lates = [before, before + late]
    ours = OurTime(lambda: lates.pop(0), clock)
    ours.add(waited)
    clock.now += seconds
    return ours.excuses(Failure(code))


@pytest.mark.parametrize("code", ["timed_out", "too_slow", "connection_lost", "dns_failed"])
def test_a_host_that_failed_by_time_is_excused_where_enough_of_it_was_ours(code: str) -> None:
    named = FailureCode(code)
    assert not excused(named, seconds=10)
    assert not excused(named, seconds=10, late=0.9)
    assert excused(named, seconds=10, late=1)
    assert excused(named, seconds=10, late=0.4, waited=0.7)
    assert not excused(named, seconds=1, late=0.4)


@pytest.mark.parametrize("code", [http_code(404), FailureCode.TOO_LARGE, FailureCode.BLOCKED_ADDRESS])
def test_what_no_time_of_ours_can_cause_is_never_excused(code: Code) -> None:
    assert not excused(code, seconds=10, late=9)


def test_the_loops_lag_counts_also_while_it_lasts_and_only_beyond_the_noise() -> None:
    clock = Clock()
    lag = LoopLag(clock)
    clock.now += 1000
    assert lag.late_seconds() == 0  # nobody watches
    lag.expect_turn(BEAT_SECONDS)
    clock.now += BEAT_SECONDS + NOISE_SECONDS / 2
    assert lag.turned() == pytest.approx(NOISE_SECONDS / 2)
    lag.expect_turn(BEAT_SECONDS)
    assert lag.late_seconds() == 0
    clock.now += BEAT_SECONDS + 3
    assert lag.late_seconds() == pytest.approx(3)
    assert lag.turned() == pytest.approx(3)
    assert lag.late_seconds() == pytest.approx(3)
    lag.expect_turn(BEAT_SECONDS)
    lag.ended()
    clock.now += 1000
    assert lag.late_seconds() == pytest.approx(3)
