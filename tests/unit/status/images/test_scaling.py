"""R23: processors follow the backlog, at the rate that one of them has shown."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.status.images.processors_wanted import (
    ASSUMED_IMAGES_PER_SECOND,
    LEAST_IMAGES_PER_SECOND,
    Observed,
    learned_rate,
    processors_wanted,
)

BOUNDED_LAG = 200


@pytest.mark.parametrize(
    ("open_images", "rate", "wanted"),
    [(0, 40, 0), (1, 40, 1), (2_400, 40, 1), (2_401, 40, 2), (100_000, 40, 42), (100_000, 0.1, 16_667)],
)
def test_the_backlog_is_to_be_worked_off_in_a_minute(open_images: int, rate: float, wanted: int) -> None:
    assert processors_wanted(open_images, rate) == wanted


def test_a_bounded_lag_and_a_large_backlog_scale_out_where_lag_would_not() -> None:
    """The window keeps a few hundred images on the topic, however many wait behind it."""
    processors, lag_target = 4, 100
    by_lag = -(-BOUNDED_LAG // lag_target)
    assert by_lag < processors < processors_wanted(100_000, ASSUMED_IMAGES_PER_SECOND)


def test_what_a_busy_processor_does_is_learned() -> None:
    rate = ASSUMED_IMAGES_PER_SECOND
    for _ in range(60):
        rate = learned_rate(rate, Observed(open_images=50_000, images_per_second=600, processors=4))
    assert rate == pytest.approx(150, rel=0.01)


@pytest.mark.parametrize(
    "seen",
    [
        Observed(open_images=0, images_per_second=0, processors=4),
        Observed(open_images=30, images_per_second=20, processors=4),  # they wait for work
        Observed(open_images=9_000, images_per_second=0, processors=4),  # the store is away
        Observed(open_images=9_000, images_per_second=20, processors=0),
    ],
)
def test_processors_that_do_not_show_what_they_can_do_change_nothing(seen: Observed) -> None:
    assert learned_rate(123.0, seen) == 123.0


@given(
    st.lists(
        st.builds(Observed, st.integers(0, 10**7), st.floats(0, 10**5), st.integers(0, 100)), max_size=50
    )
)
def test_no_history_makes_a_rate_that_cannot_be_divided_by(history: list[Observed]) -> None:
    rate = ASSUMED_IMAGES_PER_SECOND
    for seen in history:
        rate = learned_rate(rate, seen)
        assert rate >= LEAST_IMAGES_PER_SECOND
        assert processors_wanted(seen.open_images, rate) >= 0


def test_it_settles_no_processor_is_taken_away_and_brought_back() -> None:
    """Work is done at the rate that is believed: the wish only falls as the backlog does."""
    open_images, rate, processors, wishes = 100_000.0, 40.0, 1, []
    for _ in range(400):
        done = min(open_images, processors * 100.0 * 15)  # each really does 100 a second
        open_images -= done
        rate = learned_rate(rate, Observed(int(open_images), done / 15, processors))
        processors = min(24, max(1, processors_wanted(int(open_images), rate)))
        wishes.append(processors)
    peak = wishes.index(max(wishes))
    assert wishes[peak:] == sorted(wishes[peak:], reverse=True)
    assert wishes[-1] == 1


def test_the_scaled_object_asks_for_what_the_endpoint_says() -> None:
    documents = yaml.safe_load_all(Path("deploy/k8s/base/processor.yaml").read_text())
    (scaled,) = [each for each in documents if each["kind"] == "ScaledObject"]
    (trigger,) = scaled["spec"]["triggers"]
    assert trigger["metadata"]["valueLocation"] == "processors_wanted"
