"""Numbers as a person reads them."""

import pytest
from pixmill.command.telling.text import duration, saved, size


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (41_249_000, "41.2 MB"),
        (999_949, "999.9 kB"),
        (999_960, "1.0 MB"),
        (2 * 10**15, "2000.0 TB"),
    ],
)
def test_a_size_has_one_unit_and_at_most_three_digits_before_the_point(count: int, shown: str) -> None:
    assert size(count) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.2, "1 s"), (59, "59 s"), (170, "3 min"), (3_599, "1 h 0 min"), (7_500, "2 h 5 min")],
)
def test_a_time_has_the_units_that_anybody_would_say(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (1_000, 240, "1.0 kB became 240 B (76 % less)"),
        (1_000, 1_500, "1.0 kB became 1.5 kB (50 % more)"),
        (0, 0, ""),
    ],
)
def test_what_became_larger_in_another_format_is_not_less_than_nothing(
    before: int, after: int, told: str
) -> None:
    assert saved(before, after) == told
