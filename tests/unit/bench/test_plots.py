"""The pictures of docs/performance.md are those of the figures that are told beside them."""

import pytest

from bench.plots.__main__ import FOLDER, pictures
from bench.plots.charts import CHARTS
from bench.plots.readings import Readings

FIGURES = Readings.of(FOLDER / "figures.jsonl")


def test_each_picture_is_drawn_from_the_figures_that_are_committed() -> None:
    for name, content in pictures(FIGURES):
        assert (FOLDER / name).read_bytes() == content, "run: make plots"


def test_the_page_shows_each_picture() -> None:
    page = FOLDER.with_suffix(".md").read_text("utf-8")
    for name in CHARTS:
        assert f"(performance/{name}.svg)" in page


def test_a_figure_that_nobody_measured_is_named() -> None:
    with pytest.raises(KeyError, match="nobody measured of_the_moon"):
        FIGURES.value("of_the_moon")
