"""What a next run takes in: all that is not done, or what failed with some codes while the rest stands."""

from typing import Any

import pytest

from services.status.requests.next_run import Standing, is_taken_in, standing_besides
from shared.contract.codes import Code, FailureCode, http_code

LOST, SLOW = http_code(404), FailureCode.TIMED_OUT


def request(**changes: Any) -> dict[str, Any]:
    """A row of `lock_owned`: its third run has ended, and what is slow failed in the second already."""
    row = {
        "run": 3,
        "unsuccessful": 5,
        "cancelled": 0,
        "failure_code": None,
        "failure_counts": {"http_404": 2, "timed_out": 3},
        "standing": {"timed_out": 2},
    }
    return row | changes


def test_without_codes_nothing_stands() -> None:
    assert standing_besides(frozenset(), request()) == Standing({}, {})


@pytest.mark.parametrize(
    ("codes", "counts", "since"),
    [
        ({LOST}, {"timed_out": 3}, {"timed_out": 2}),
        ({SLOW}, {"http_404": 2}, {"http_404": 3}),
        ({LOST, SLOW}, {}, {}),
    ],
)
def test_the_other_failures_stand_since_the_run_that_took_them_in_last(
    codes: set[Code], counts: dict[str, int], since: dict[str, int]
) -> None:
    standing = standing_besides(codes, request())
    assert standing == Standing(counts, since)
    assert standing.images == sum(counts.values())


@pytest.mark.parametrize(
    ("codes", "changes"),
    [
        (set(), {"unsuccessful": 0}),
        ({FailureCode.DAMAGED}, {}),
        ({LOST, FailureCode.DAMAGED}, {}),
        ({LOST}, {"cancelled": 1}),
        ({LOST}, {"failure_code": "expired"}),
    ],
    ids=["nothing failed", "not with it", "not with each", "stopped", "past its deadline"],
)
def test_nothing_begins_where_nobody_failed_so_or_not_all_had_their_turn(
    codes: set[Code], changes: dict[str, Any]
) -> None:
    assert standing_besides(codes, request(**changes)) is None


@pytest.mark.parametrize(
    ("codes", "standing", "is_in"),
    [
        (set(), {}, True),
        (set(), {"timed_out": 2}, False),
        ({LOST}, {"timed_out": 2}, True),
        ({LOST, SLOW}, {"timed_out": 2}, False),
    ],
)
def test_an_open_run_has_what_does_not_stand_in_it(
    codes: set[Code], standing: dict[str, int], *, is_in: bool
) -> None:
    assert is_taken_in(codes, request(standing=standing)) is is_in
