"""Which trace an upload belongs to: the caller's, or one of its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contract.trace_context import RANDOM_BITS, is_traceparent, taken_or_made, trace_headers

# The example of the W3C recommendation.
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_the_callers_is_taken_as_it_came() -> None:
    assert taken_or_made([TRACE], 7) == TRACE
    assert taken_or_made(["cc" + TRACE[2:]], 7) == "cc" + TRACE[2:]


@pytest.mark.parametrize(
    "given_headers",
    [
        [],
        [""],
        ["nonsense"],
        [TRACE, TRACE],
        [TRACE.upper()],
        [TRACE + "-more"],
        [TRACE + "\n"],
        ["ff" + TRACE[2:]],
        ["00-" + "0" * 32 + "-b7ad6b7169203331-01"],
        ["00-0af7651916cd43dd8448eb211c80319c-" + "0" * 16 + "-01"],
    ],
)
def test_for_none_or_a_wrong_one_a_new_one_is_made(given_headers: list[str]) -> None:
    assert taken_or_made(given_headers, 1 << 64 | 2) == f"00-{'1':0>32}-{'2':0>16}-01"


@given(st.integers(0, (1 << RANDOM_BITS) - 1))
def test_whatever_is_made_is_valid(random_bits: int) -> None:
    assert is_traceparent(taken_or_made([], random_bits))


def test_without_one_there_is_no_header() -> None:
    assert trace_headers(None) == {}
    assert trace_headers(TRACE) == {"traceparent": TRACE}
