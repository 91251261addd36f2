"""The fake server says of each failure code what the real one says."""

import pytest
from pixmill.testing.codes import fixer_of, is_retryable

from shared.contract.codes import FailureCode, http_code, meaning_of


@pytest.mark.parametrize(
    "code", [*FailureCode, *map(http_code, (0, 201, 301, 404, 408, 410, 425, 429, 499, 500, 503, 599, 999))]
)
def test_who_can_mend_it_and_whether_a_retry_may(code: FailureCode) -> None:
    meaning = meaning_of(code)
    assert (fixer_of(code), is_retryable(code)) == (meaning.fixer, meaning.retryable)
