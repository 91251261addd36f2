"""How much a tenant may ask for, by tables and by properties of the buckets."""

from hypothesis import given
from hypothesis import strategies as st

from shared.web.quotas import Exceeded, Quota, RateLimits, Standing

REQUESTS, ROWS = Quota("requests", 60), Quota("rows", 100)


def test_a_minutes_quota_may_be_used_at_once_and_then_comes_back_evenly() -> None:
    """R20"""
    limits = RateLimits([REQUESTS])
    assert [limits.take("a", {"requests": 1}, 0) for _ in range(60)] == [None] * 60
    assert limits.take("a", {"requests": 1}, 0.5) == Exceeded(REQUESTS, 1)
    assert limits.take("a", {"requests": 1}, 1) is None
    assert limits.take("a", {"requests": 1}, 1) == Exceeded(REQUESTS, 1)
    assert limits.take("a", {"requests": 3}, 2) == Exceeded(REQUESTS, 2)


def test_one_tenants_use_never_touches_anothers() -> None:
    """R20"""
    limits = RateLimits([REQUESTS, ROWS])
    assert limits.take("a", {"requests": 60, "rows": 100}, 0) is None
    assert limits.take("a", {"requests": 1}, 0) is not None
    assert limits.standings("b", 0) == [Standing(REQUESTS, 60, 0), Standing(ROWS, 100, 0)]


def test_what_one_quota_refuses_is_charged_to_none() -> None:
    limits = RateLimits([REQUESTS, ROWS])
    limits.take("a", {"rows": 90}, 0)
    assert limits.take("a", {"requests": 1, "rows": 20}, 0) == Exceeded(ROWS, 6)
    assert limits.standings("a", 0) == [Standing(REQUESTS, 60, 0), Standing(ROWS, 10, 54)]


def test_what_costs_more_than_a_minutes_quota_needs_a_full_bucket_and_is_paid_off_afterwards() -> None:
    limits = RateLimits([ROWS])
    assert limits.take("a", {"rows": 250}, 0) is None
    assert limits.standings("a", 0) == [Standing(ROWS, 0, 150)]
    assert limits.take("a", {"rows": 1}, 90) == Exceeded(ROWS, 1)
    assert limits.take("a", {"rows": 1}, 91) is None
    assert limits.take("a", {"rows": 250}, 91) == Exceeded(ROWS, 60)


def test_what_has_no_quota_is_free() -> None:
    limits = RateLimits([REQUESTS])
    assert limits.take("a", {"rows": 10**9, "requests": 0}, 0) is None
    assert RateLimits([]).standings("a", 0) == []


@given(st.lists(st.tuples(st.floats(0, 30), st.integers(1, 150)), max_size=60))
def test_over_any_time_no_more_is_let_in_than_one_bucket_the_rate_and_one_large_cost(
    calls: list[tuple[float, int]],
) -> None:
    limits, now, taken, largest = RateLimits([ROWS]), 0.0, 0, 0
    for pause, cost in calls:
        now += pause
        if limits.take("a", {"rows": cost}, now) is None:
            taken += cost
            largest = max(largest, cost)
    assert taken <= 100 + now * 100 / 60 + max(largest - 100, 0) + 1e-6


@given(st.integers(1, 300), st.integers(1, 300), st.floats(0, 200))
def test_who_waits_as_long_as_told_is_let_in(first: int, second: int, pause: float) -> None:
    limits = RateLimits([ROWS])
    limits.take("a", {"rows": first}, 0)
    exceeded = limits.take("a", {"rows": second}, pause)
    if exceeded is not None:
        assert exceeded.retry_after_seconds >= 1
        assert limits.take("a", {"rows": second}, pause + exceeded.retry_after_seconds) is None
