"""Two commits are compared by what both have measured, round by round."""

import pytest

from bench.against import ratios, values_of


def test_a_figures_parts_are_values_of_their_own() -> None:
    lines = (
        '{"name": "cpu", "value": 3.0, "unit": "ms", "images": 9, "by_part": {"kafka": 1.0, "status": 2.0}}\n'
    )
    assert values_of(lines) == {"cpu": 3.0, "cpu.kafka": 1.0, "cpu.status": 2.0}


def test_the_ratio_is_the_median_of_the_rounds_ratios() -> None:
    pairs = [
        ({"rate": 10.0}, {"rate": 5.0}),
        ({"rate": 30.0}, {"rate": 10.0}),
        ({"rate": 8.0}, {"rate": 10.0}),
    ]
    [figure] = ratios(pairs, "REV")
    assert figure.name == "rate_ratio_to_REV"
    assert figure.value == pytest.approx(2.0)
    assert figure.about == {"rounds": [2.0, 3.0, 0.8], "here": 10.0, "REV": 10.0}


def test_what_only_one_side_knows_is_not_compared() -> None:
    assert not list(ratios([({"new": 1.0}, {"old": 1.0})], "REV"))
