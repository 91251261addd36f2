"""A host that does not answer is given a rest: which failures begin one, and who fails in it."""

import pytest

from services.processor.fetching.host_codes import AWAY_REST_SECONDS
from services.processor.fetching.host_gate import AWAY_IN_A_ROW, SILENT_IN_A_ROW, HostGate, Sent
from services.processor.fetching.host_gates import HostGates
from services.processor.fetching.host_width import HostWidth
from services.processor.verdicts import Failure, NotNow
from shared.contract.codes import Code, FailureCode, http_code
from shared.testing.fakes import FakeClock
from tests.worlds.hosts.visits import TIMED_OUT, UNDER_WAY, visit


def enough(code: Code) -> int:
    """In a row, of a host that never answered."""
    return SILENT_IN_A_ROW if code is FailureCode.TIMED_OUT else AWAY_IN_A_ROW


@pytest.mark.parametrize(("code", "rest_seconds"), AWAY_REST_SECONDS.items())
async def test_a_host_that_never_answered_is_refused_at_once_and_tried_again_later(
    code: Code, rest_seconds: float
) -> None:
    clock, away = FakeClock(), Failure(code)
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    for _ in range(enough(code)):
        assert await visit(gates, away) is None
    assert await visit(gates) == NotNow(retry_after_seconds=rest_seconds, code=code)
    clock.now += rest_seconds
    assert await visit(gates, away) is None
    assert await visit(gates) == Failure(code, "this host is given a rest", rest_seconds)
    clock.now += rest_seconds
    assert await visit(gates, None) is None
    assert await visit(gates, None) is None


@pytest.mark.parametrize("code", AWAY_REST_SECONDS)
async def test_no_image_fails_by_a_rest_before_a_request_that_was_sent_alone_has(code: Code) -> None:
    """Ten that are away at once may have been in one another's way there."""
    clock, away = FakeClock(), Failure(code)
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    for _ in range(enough(code)):
        assert await visit(gates, away) is None
    assert isinstance(await visit(gates), NotNow)
    clock.now += AWAY_REST_SECONDS[code]
    assert await visit(gates, None) is None


def test_what_was_sent_before_a_rest_and_ends_in_it_was_not_sent_alone() -> None:
    gate = HostGate(width=HostWidth(limit=24))
    for _ in range(24):
        gate.end(TIMED_OUT, Sent(0.0, 1), 10.0)
    assert isinstance(gate.refusal(10.0), NotNow)


@pytest.mark.parametrize("code", AWAY_REST_SECONDS)
async def test_a_host_that_never_answered_is_given_up_after_few_time_outs(code: Code) -> None:
    """Each of them took its ten seconds; a name or a connection that fails costs nothing."""
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=FakeClock())
    for _ in range(SILENT_IN_A_ROW):
        assert await visit(gates, Failure(code)) is None
    assert (await visit(gates) is None) == (code is not FailureCode.TIMED_OUT)


@pytest.mark.parametrize("answer", [None, Failure(http_code(404)), Failure(http_code(500))])
async def test_one_answer_between_time_outs_keeps_a_host_open(answer: Failure | None) -> None:
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=FakeClock())
    assert await visit(gates, Failure(http_code(404))) is None
    for _ in range(5):
        for _ in range(AWAY_IN_A_ROW - 1):
            assert await visit(gates, TIMED_OUT) is None
        assert await visit(gates, answer) is None


@pytest.mark.parametrize("code", AWAY_REST_SECONDS)
def test_after_a_rest_one_request_finds_out_whether_its_host_is_there(code: Code) -> None:
    gate = HostGate(width=HostWidth(limit=24))
    for _ in range(enough(code)):
        gate.end(Failure(code), Sent(0.0, 1), 10.0)
    after = 10.0 + AWAY_REST_SECONDS[code]
    assert gate.has_room(after)
    gate.send(after)
    assert not gate.has_room(after)
