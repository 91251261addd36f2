"""A host that is overloaded is asked for less at once, and one that is not for more."""

import pytest

from services.processor.fetching.host_codes import CUT_OFF
from services.processor.fetching.host_gate import HostGate, Sent
from services.processor.fetching.host_width import FIRST, HostWidth
from services.processor.verdicts import Failure, NotNow
from shared.contract.codes import Code, FailureCode, http_code


@pytest.mark.parametrize("code", [FailureCode.TIMED_OUT, FailureCode.TOO_SLOW, http_code(503)])
def test_overload_halves_what_is_let_in_and_answers_grow_it_back(code: Code) -> None:
    gate = HostGate(width=HostWidth(limit=4))
    gate.end(Failure(code), Sent(9.9, 2), 10.0)
    assert gate.width.allowed == FIRST / 2
    for _ in range(100):
        gate.end(None, Sent(11.9, 1), 12.0)
    assert gate.width.allowed == 4


def answered_twice() -> HostGate:
    gate = HostGate(width=HostWidth(limit=4))
    for under_way in (1, 2):
        gate.end(None, Sent(9.0, under_way), 9.5)
    return gate


@pytest.mark.parametrize("code", sorted(CUT_OFF))
def test_a_host_that_cuts_off_what_is_too_much_gets_fewer_and_the_image_comes_again(code: Code) -> None:
    gate = answered_twice()
    assert gate.end(Failure(code), Sent(9.9, 3), 10.0) == NotNow(retry_after_seconds=0.5, code=code)
    assert gate.width.allowed == 2
    assert not gate.has_room(10.4)
    assert gate.has_room(10.5)


@pytest.mark.parametrize("code", sorted(CUT_OFF))
def test_an_image_that_is_cut_off_though_it_was_alone_there_has_failed_and_the_host_gets_as_many(
    code: Code,
) -> None:
    gate = answered_twice()
    assert gate.end(Failure(code), Sent(9.9, 1), 10.0) == Failure(code)
    assert gate.width.allowed == 4


@pytest.mark.parametrize("code", sorted(CUT_OFF))
def test_one_that_is_cut_off_by_a_host_from_which_nothing_has_come_has_failed(code: Code) -> None:
    gate = HostGate(width=HostWidth(limit=4))
    assert gate.end(Failure(code), Sent(9.9, 2), 10.0) == Failure(code)
    assert gate.width.allowed == FIRST / 2


@pytest.mark.parametrize("code", [http_code(500), FailureCode.NOT_AN_IMAGE])
def test_failures_that_are_no_overload_change_nothing(code: Code) -> None:
    gate = HostGate(width=HostWidth(limit=4))
    gate.end(Failure(code), Sent(9.9, 1), 10.0)
    assert gate.width.allowed == FIRST


@pytest.mark.parametrize("status", [301, 403, 404, 410])
def test_a_host_that_has_none_of_its_pictures_any_more_is_asked_for_as_many_at_once_as_any(
    status: int,
) -> None:
    """Ten thousand addresses of a shop that has moved took twelve times as long to fail."""
    gate = HostGate(width=HostWidth(limit=24))
    for _ in range(24):
        gate.end(Failure(http_code(status)), Sent(9.9, 1), 10.0)
    assert gate.width.allowed == 24
