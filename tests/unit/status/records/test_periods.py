"""Which periods are made: few, ahead of their time, without gaps from now on, and none over another."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.status.records.periods import AHEAD, DAY, WEEK, Period, first_id_of, missing_periods
from shared.contract.keys import made_at

THURSDAY = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
BEFORE = Period("before", first_id_of(datetime(1970, 1, 1, tzinfo=UTC)), first_id_of(THURSDAY))
moments = st.integers(0, 4 * 365 * 24 * 60).map(lambda minutes: THURSDAY + timedelta(minutes=minutes))


def names(known: list[Period], now: datetime, retention_days: float = 30) -> list[str]:
    return [period.name for period in missing_periods(known, now, retention_days)]


@pytest.mark.parametrize(
    ("now", "retention_days", "wanted"),
    [
        (THURSDAY, 30, ["20261123"]),  # the week from Monday on
        (THURSDAY + 2 * DAY, 30, ["20261123", "20261130"]),
        (THURSDAY, 0, ["20261123"]),  # for ever
        (THURSDAY, 7, ["20261126", "20261127", "20261128"]),
    ],
)
def test_weeks_are_made_and_days_where_nothing_is_kept_for_longer(
    now: datetime, retention_days: float, wanted: list[str]
) -> None:
    """R22"""
    assert names([], now, retention_days) == wanted


def test_a_period_that_is_there_is_not_made_again() -> None:
    (week,) = missing_periods([], THURSDAY, 30)
    assert names([week], THURSDAY) == []
    assert names([week], THURSDAY, retention_days=1) == []


def test_the_first_week_begins_where_what_was_there_before_ends() -> None:
    end = datetime(2026, 11, 28, tzinfo=UTC)
    before = BEFORE._replace(end_id=first_id_of(end))
    (rest,) = missing_periods([before], THURSDAY, 30)
    assert (rest.name, made_at(rest.first_id), made_at(rest.end_id)) == ("20261128", end, end + 2 * DAY)


@given(st.lists(st.tuples(moments, st.sampled_from([0.0, 1.0, 30.0])), min_size=1, max_size=8))
def test_whenever_they_are_made_no_two_overlap_and_none_is_missing(
    looks: list[tuple[datetime, float]],
) -> None:
    """R22: also where the clock jumps and the retention is changed."""
    known: list[Period] = []
    for now, retention_days in looks:
        known += missing_periods(known, now, retention_days)
        known.sort(key=lambda period: period.first_id)
        assert all(earlier.end_id <= later.first_id for earlier, later in pairwise(known))
        assert len({period.name for period in known}) == len(known)
        assert all(period.first_id < period.end_id for period in known)
        assert all(made_at(period.end_id) - made_at(period.first_id) <= WEEK for period in known)
        for moment in (now, now + AHEAD / 2, now + AHEAD):
            assert sum(period.first_id <= first_id_of(moment) < period.end_id for period in known) == 1


def test_an_id_compares_with_a_bound_as_its_time_does() -> None:
    late = first_id_of(THURSDAY + timedelta(milliseconds=1))
    assert first_id_of(THURSDAY) < late
    assert made_at(late) - THURSDAY == timedelta(milliseconds=1)
