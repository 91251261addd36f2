"""A host that wants to be left alone for long is, once two of its answers say so."""

import pytest

from services.processor.fetching.host_gate import DOUBT_SECONDS, WAIT_SECONDS
from services.processor.fetching.host_gates import HostGates
from services.processor.verdicts import Failure, NotNow
from shared.contract.codes import FailureCode, http_code
from shared.testing.fakes import FakeClock
from tests.worlds.hosts.visits import SHOP, TIMED_OUT, UNDER_WAY, visit, visit_until_heeded

AN_HOUR = Failure(http_code(429), retry_after_seconds=3_600)
BETWEEN_SECONDS = 5.0  # one request has its turn at any rate


@pytest.mark.parametrize(
    "answer", [None, Failure(http_code(404)), Failure(http_code(500)), Failure(FailureCode.TOO_LARGE)]
)
async def test_an_ordinary_answer_shows_that_a_long_rest_was_for_one_url(answer: Failure | None) -> None:
    clock = FakeClock()
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    await visit_until_heeded(gates, AN_HOUR)
    for _ in range(3):
        clock.now += DOUBT_SECONDS
        assert await visit(gates, answer) is None
        clock.now += BETWEEN_SECONDS
        assert await visit(gates, AN_HOUR) is None


@pytest.mark.parametrize(
    "no_answer", [TIMED_OUT, Failure(FailureCode.CONNECTION_LOST), Failure(http_code(503))]
)
async def test_no_answer_and_no_room_leave_a_wish_for_a_long_rest_as_it_is(no_answer: Failure) -> None:
    clock = FakeClock()
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    await visit_until_heeded(gates, AN_HOUR)
    clock.now += DOUBT_SECONDS
    assert await visit(gates, no_answer) is None
    clock.now += BETWEEN_SECONDS
    assert await visit(gates, AN_HOUR) is None
    assert await visit(gates) is not None
    clock.now += DOUBT_SECONDS
    assert await visit(gates) is not None


async def test_requests_that_were_sent_at_once_count_as_one_wish_for_a_long_rest() -> None:
    clock = FakeClock()
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    async with gates.passage(SHOP) as first, gates.passage(SHOP) as second:
        first.end(AN_HOUR)
        second.end(AN_HOUR)
    clock.now += DOUBT_SECONDS
    assert await visit(gates, None) is None


async def test_a_long_retry_after_told_twice_is_passed_on_at_once_with_the_hosts_own_code() -> None:
    clock = FakeClock()
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    await visit_until_heeded(gates, AN_HOUR)
    clock.now += DOUBT_SECONDS
    await visit(gates, Failure(http_code(503), retry_after_seconds=WAIT_SECONDS + 70))
    clock.now += 10
    assert await visit(gates) == NotNow(retry_after_seconds=WAIT_SECONDS + 60, code=http_code(503))
