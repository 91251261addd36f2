"""Work that fails is tried ever more seldom, is counted for the operator, and is never given up."""

import uuid

from services.status.jobs.set_aside import FIRST_SECONDS, FORGET_SECONDS, LONGEST_SECONDS, SetAside
from shared.observing.metrics import SET_ASIDE
from shared.testing.fakes import FakeClock

ONE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)


def counted(work: str) -> float:
    value: float = SET_ASIDE.labels(work)._value.get()
    return value


def test_each_failure_doubles_the_wait_up_to_a_bound() -> None:
    aside = SetAside("doubling", FakeClock())
    waits = [aside.failed(ONE) for _ in range(10)]
    assert waits[:3] == [FIRST_SECONDS, 2 * FIRST_SECONDS, 4 * FIRST_SECONDS]
    assert waits[-2:] == [LONGEST_SECONDS, LONGEST_SECONDS]
    assert aside.failed(OTHER) == FIRST_SECONDS


def test_a_request_waits_for_its_time_and_then_has_its_turn() -> None:
    clock = FakeClock()
    aside = SetAside("turns", clock)
    aside.failed(ONE)
    assert aside.waiting() == [ONE]
    clock.now += FIRST_SECONDS
    assert aside.waiting() == []
    assert aside.failed(ONE) == 2 * FIRST_SECONDS


def test_the_metric_counts_requests_until_their_work_is_done_or_nobodys_any_more() -> None:
    clock = FakeClock()
    aside = SetAside("counting", clock)
    for request_id in (ONE, ONE, OTHER):
        aside.failed(request_id)
    assert counted("counting") == 2
    aside.succeeded(ONE)
    aside.succeeded(ONE)
    assert counted("counting") == 1
    clock.now += LONGEST_SECONDS + FORGET_SECONDS
    aside.waiting()
    assert counted("counting") == 0
