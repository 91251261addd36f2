"""What the bench prints can be read by a machine, and says what it was measured over."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.figures import Figure, duration_figure, mean_figure, percentile

DURATIONS = st.lists(st.floats(0.001, 1e6), min_size=1, max_size=100)


def test_a_figure_is_one_json_line_with_rounded_numbers() -> None:
    line = Figure(
        "speed", 1.23456, "images/s", {"rounds": [1.11111, 2], "by_part": {"kafka": 0.55555}}
    ).line()
    assert "\n" not in line
    assert json.loads(line) == {
        "name": "speed",
        "value": 1.235,
        "unit": "images/s",
        "rounds": [1.111, 2],
        "by_part": {"kafka": 0.556},
    }


def test_a_duration_is_its_median_with_its_spread_beside_it() -> None:
    figure = duration_figure("wait_ms", [float(number) for number in range(1, 102)], rows=7)
    assert figure.value == 51
    assert figure.about == {"n": 101, "p50": 51, "p95": 96, "max": 101, "rows": 7}


def test_a_mean_shows_every_round() -> None:
    figure = mean_figure("speed", [1.0, 4.0], "images/s", images=10)
    assert (figure.value, figure.unit) == (2.5, "images/s")
    assert figure.about == {"n": 2, "rounds": [1.0, 4.0], "images": 10}


@given(DURATIONS, st.integers(1, 98))
def test_percentiles_lie_between_the_extremes_and_never_fall(values: list[float], percent: int) -> None:
    lower, higher = percentile(values, percent), percentile(values, percent + 1)
    assert min(values) <= lower * (1 + 1e-9)
    assert lower <= higher * (1 + 1e-9)
    assert higher <= max(values) * (1 + 1e-9)


def test_a_single_value_is_every_percentile() -> None:
    assert percentile([3.0], 95) == pytest.approx(3.0)
