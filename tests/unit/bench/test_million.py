"""Each tenth is told by itself, and the last beside the first."""

import pytest

from bench.measures.speed.million import Mark, figures_of


def mark(images: int, seconds: float, cpu_seconds: float, mebibytes: float) -> Mark:
    cpu = {"processor": 0.0, "status": cpu_seconds, "decoders": 0.0}
    return Mark(images, seconds, cpu, {"status": mebibytes, "processor": 0.0})


def test_a_tenth_that_costs_more_shows() -> None:
    marks = [mark(0, 10, 5, 80), mark(1_000, 11, 6, 100), mark(2_000, 13, 7.5, 130)]
    rate, cost, memory = figures_of("million", marks)
    assert rate.name == "million_images_per_second"
    assert rate.value == pytest.approx(2_000 / 3)
    assert (rate.about["tenths"], rate.about["last_to_first"]) == ([1_000, 500], 0.5)
    assert (cost.value, cost.about["tenths"], cost.about["last_to_first"]) == (1.25, [1.0, 1.5], 1.5)
    assert memory.value == 30


def test_what_was_not_in_tenths_has_one() -> None:
    rate, cost, memory = figures_of("million", [mark(0, 0, 0, 80), mark(1_000, 2, 1, 90)])
    assert (rate.about["tenths"], cost.about["tenths"], memory.value) == ([500], [1.0], 10)
