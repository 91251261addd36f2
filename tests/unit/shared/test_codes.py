"""R19: one closed list of reasons why an image fails, and whatever a host answers is on it."""

import pytest

from shared.contract.codes import Fixer, failure_code

MAY_CHANGE_BY_ITSELF = {0, 99, 408, 425, 429, 500, 503, 599, 600, 999}
STAYS = {100, 201, 302, 400, 404, 410, 499}


def test_every_status_that_a_host_can_send_has_its_code() -> None:
    for status in range(1000):
        code = failure_code(f"http_{status:03}")
        assert code.fixer is Fixer.ORIGIN
        assert str(status) in code.hint


def test_a_status_that_may_change_by_itself_is_tried_again() -> None:
    statuses = MAY_CHANGE_BY_ITSELF | STAYS
    tried_again = {status for status in statuses if failure_code(f"http_{status:03}").retryable}
    assert tried_again == MAY_CHANGE_BY_ITSELF


@pytest.mark.parametrize("code", ["", "no_such_code", "http_", "http_40", "http_1000", "http_٤٠٤"])
def test_what_is_not_on_the_list_is_no_code(code: str) -> None:
    with pytest.raises(KeyError):
        failure_code(code)
