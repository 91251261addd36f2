"""A host that is overloaded is asked for less at once, and one that is not for more."""

import pytest

from services.processor.fetching.host_gate import CUT_OFF, HostGate
from services.processor.fetching.host_width import FIRST, HostWidth
from services.processor.verdicts import Failure
from shared.contract.codes import Code, FailureCode, http_code


@pytest.mark.parametrize(
    "code", [FailureCode.TIMED_OUT, FailureCode.TOO_SLOW, http_code(429), http_code(503)]
)
def test_overload_halves_what_is_let_in_and_answers_grow_it_back(code: Code) -> None:
    gate = HostGate(width=HostWidth(limit=4))
    gate.learn(Failure(code), 9.9, 10.0)
    assert gate.width.allowed == FIRST / 2
    for _ in range(100):
        gate.learn(None, 11.9, 12.0)
    assert gate.width.allowed == 4


@pytest.mark.parametrize("code", sorted(CUT_OFF))
def test_a_host_that_cuts_requests_off_gets_fewer_and_none_for_a_moment(code: Code) -> None:
    gate = HostGate(width=HostWidth(limit=4))
    gate.learn(None, 9.0, 9.5)
    gate.learn(None, 9.0, 9.5)
    gate.learn(Failure(code), 9.9, 10.0)
    assert gate.width.allowed == 2
    assert not gate.has_room(10.4)
    assert gate.has_room(10.5)


@pytest.mark.parametrize("code", [http_code(500), FailureCode.NOT_AN_IMAGE])
def test_failures_that_are_no_overload_change_nothing(code: Code) -> None:
    gate = HostGate(width=HostWidth(limit=4))
    gate.learn(Failure(code), 9.9, 10.0)
    assert gate.width.allowed == FIRST


@pytest.mark.parametrize("status", [301, 403, 404, 410])
def test_a_host_that_has_none_of_its_pictures_any_more_is_asked_for_as_many_at_once_as_any(
    status: int,
) -> None:
    """Ten thousand addresses of a shop that has moved took twelve times as long to fail."""
    gate = HostGate(width=HostWidth(limit=24))
    for _ in range(24):
        gate.learn(Failure(http_code(status)), 9.9, 10.0)
    assert gate.width.allowed == 24
