"""A host that has sent pictures and answers nobody any more: what shows that it is away as a whole, and what
becomes of those who would ask it meanwhile.
"""

import pytest

from services.processor.fetching.host_gate import AWAY_REST_SECONDS, OTHER_REST_SECONDS
from services.processor.fetching.host_gates import HostGates
from services.processor.fetching.outages import LEAST_IN_A_ROW, PATIENCE_SECONDS, Outage
from services.processor.verdicts import Failure, NotNow
from shared.contract.codes import Code, FailureCode, http_code
from shared.testing.fakes import FakeClock
from tests.worlds.hosts.visits import SHOP, UNDER_WAY, visit

BAD_GATEWAY = Failure(http_code(502))
LONGEST = 1.5  # times the rest, at most
AWAY_CODES: list[Code] = [
    *AWAY_REST_SECONDS,
    FailureCode.CONNECTION_LOST,
    *map(http_code, (500, 502, 503, 504, 522)),
]


def outage(*, answered: int = 60, bad: int = 0, new: int = 0, old: int = 0) -> Outage:
    """Of a host of which so many new images were answered and some before each were not, and then so many new
    and old ones were not.
    """
    outage = Outage()
    for number in range(answered):
        for _ in range(bad):
            outage.not_answered(0.0, 0.0, is_new=True)
        outage.answered(0.0, is_new=bool(number or not bad))
    for is_new in [True] * new + [False] * old:
        outage.not_answered(1.0, 2.0, is_new=is_new)
    return outage


def test_ten_new_images_in_a_row_show_an_outage_and_fewer_do_not() -> None:
    assert not outage(new=LEAST_IN_A_ROW - 1).lasts(2.0)
    assert outage(new=LEAST_IN_A_ROW).lasts(2.0)


def test_images_that_have_failed_before_show_none() -> None:
    """In the end only those are left of a host that is there."""
    assert not outage(old=1_000).lasts(2.0)


@pytest.mark.parametrize(("answered", "enough"), [(0, 10_000), (3, 20), (5, 14), (10, 10)])
def test_the_fewer_are_known_the_longer_a_row_must_be(answered: int, enough: int) -> None:
    """Of one that has not answered nothing can be told."""
    assert not outage(answered=answered, new=enough - 1).lasts(2.0)
    assert outage(answered=answered, new=enough).lasts(2.0) == (answered > 0)


@pytest.mark.parametrize(("bad", "enough"), [(1, 14), (3, 33), (9, 90)])
def test_the_fewer_are_answered_on_other_days_the_longer_a_row_must_be(bad: int, enough: int) -> None:
    """As many for each that is."""
    assert not outage(bad=bad, new=enough // 2).lasts(2.0)
    assert outage(bad=bad, new=2 * enough).lasts(2.0)


def test_what_was_sent_before_the_latest_answer_shows_none() -> None:
    its = outage()
    its.answered(1.5, is_new=True)
    for _ in range(LEAST_IN_A_ROW):
        its.not_answered(1.0, 2.0, is_new=True)
    assert not its.lasts(2.0)


def test_ten_minutes_are_counted_from_the_image_that_shows_it() -> None:
    """Where the last image of a run was dead, the outage in which the next one began was ten minutes old."""
    its = outage(old=3)
    tomorrow = 86_400.0
    for _ in range(LEAST_IN_A_ROW):
        its.not_answered(tomorrow, tomorrow, is_new=True)
    assert its.lasts(tomorrow + PATIENCE_SECONDS - 1)
    assert not its.lasts(tomorrow + PATIENCE_SECONDS)


def test_an_outage_ends_by_any_answer() -> None:
    its = outage(new=1_000)
    its.answered(3.0, is_new=False)
    assert not its.lasts(3.0)


@pytest.mark.parametrize("code", AWAY_CODES)
async def test_no_image_fails_while_a_host_that_has_sent_pictures_is_away(code: Code) -> None:
    """R09: behind a proxy that answered 502 for half a minute all that were left had failed."""
    clock, away = FakeClock(), Failure(code)
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    for _ in range(LEAST_IN_A_ROW):
        assert await visit(gates, None) is None
    for _ in range(LEAST_IN_A_ROW):
        assert await visit(gates, away) is None
    rest_seconds = AWAY_REST_SECONDS.get(code, OTHER_REST_SECONDS)
    ends_at, asked_alone = clock.now + PATIENCE_SECONDS, 0
    while clock.now < ends_at - 2 * rest_seconds:
        told = await visit(gates, away)
        assert isinstance(told, NotNow)
        assert told.code == code
        assert rest_seconds <= told.retry_after_seconds <= LONGEST * rest_seconds
        clock.now += told.retry_after_seconds
        async with gates.passage(SHOP) as passage:
            assert isinstance(passage.end(away), NotNow)
        asked_alone += 1
    assert asked_alone > 10
    clock.now += LONGEST * rest_seconds
    assert await visit(gates, None) is None
    assert await visit(gates, None) is None


async def test_the_image_that_was_asked_for_in_vain_comes_again_behind_others() -> None:
    """R18: where its own URL is dead it was the one that was sent alone after each rest, for ten minutes."""
    clock = FakeClock()
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    for _ in range(LEAST_IN_A_ROW):
        assert await visit(gates, None) is None
    for _ in range(LEAST_IN_A_ROW):
        assert await visit(gates, BAD_GATEWAY) is None
    clock.now += LONGEST * OTHER_REST_SECONDS
    async with gates.passage(SHOP) as passage:
        alone = passage.end(BAD_GATEWAY)
    clock.now += 0.001  # a refusal's seconds are rounded up
    other = await visit(gates, BAD_GATEWAY)
    assert isinstance(alone, NotNow)
    assert isinstance(other, NotNow)
    assert alone.retry_after_seconds > other.retry_after_seconds + 1


async def test_after_ten_minutes_they_fail() -> None:
    clock = FakeClock()
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    for _ in range(LEAST_IN_A_ROW):
        assert await visit(gates, None) is None
    for _ in range(LEAST_IN_A_ROW):
        assert await visit(gates, BAD_GATEWAY) is None
    clock.now += PATIENCE_SECONDS
    async with gates.passage(SHOP) as passage:
        assert passage.end(BAD_GATEWAY) == BAD_GATEWAY
