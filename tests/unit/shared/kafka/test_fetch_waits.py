"""While nothing comes a fetch is held longer and longer, up to a bound; what comes makes the next short.
After little the next one rests.
"""

import pytest

from shared.kafka.fetch_waits import (
    LONGEST_WAIT_MS,
    RESTED_BELOW_BYTES,
    SHORTEST_WAIT_MS,
    is_worth_a_rest,
    next_wait_ms,
)


def test_each_empty_fetch_waits_twice_as_long_as_the_one_before_up_to_a_bound() -> None:
    waits = [SHORTEST_WAIT_MS]
    for _ in range(6):
        waits.append(next_wait_ms(waits[-1], has_records=False))
    assert waits == [100, 200, 400, 800, 1_600, LONGEST_WAIT_MS, LONGEST_WAIT_MS]


def test_a_fetch_after_records_waits_no_longer_than_the_shortest() -> None:
    assert next_wait_ms(LONGEST_WAIT_MS, has_records=True) == SHORTEST_WAIT_MS


@pytest.mark.parametrize(
    ("records_bytes", "is_worth"),
    [(0, False), (1, True), (RESTED_BELOW_BYTES - 1, True), (RESTED_BELOW_BYTES, False)],
)
def test_only_after_a_fetch_that_brought_little_the_next_one_rests(
    records_bytes: int,
    is_worth: bool,  # noqa: FBT001 - a row of the table
) -> None:
    assert is_worth_a_rest(records_bytes) is is_worth
