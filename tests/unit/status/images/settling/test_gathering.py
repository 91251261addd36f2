"""Results of a large request wait for each other, those of a small one a moment; what is new, the last of a
request or waited for does not.
"""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.status.images.settling import gathering
from services.status.images.settling.gathering import (
    CROWD_REQUESTS,
    CROWD_SECONDS,
    FEW_SECONDS,
    GATHER_SECONDS,
    SMALL_IMAGES,
    Gathering,
)

LARGE, SMALL, NEW = UUID(int=1), UUID(int=2), UUID(int=3)


def key(request_id: UUID) -> bytes:
    return str(request_id).encode()


def knowing() -> Gathering:
    known = Gathering()
    known.learn(LARGE, came=0, in_flight=80, left=5_000)
    known.learn(SMALL, came=0, in_flight=10, left=SMALL_IMAGES)
    return known


@pytest.mark.parametrize(
    ("waiting", "seconds"),
    [
        ([LARGE], GATHER_SECONDS),
        ([LARGE] * 19, GATHER_SECONDS),
        ([LARGE] * 20, 0),  # a quarter of what is out
        ([SMALL], FEW_SECONDS),
        ([SMALL] * 3, 0),
        ([LARGE, SMALL], FEW_SECONDS),
        ([NEW], 0),
        ([LARGE, NEW], 0),
    ],
)
def test_results_wait_where_nobody_waits_for_them(waiting: list[UUID], seconds: float) -> None:
    assert knowing().seconds(map(key, waiting)) == seconds


def test_the_last_of_one_request_wait_for_no_other() -> None:
    """A small one's end would come later for each large one beside it."""
    known = knowing()
    known.learn(SMALL, came=10, in_flight=2, left=2)
    assert known.seconds([key(SMALL), key(LARGE)]) == FEW_SECONDS
    assert known.seconds([key(SMALL), key(SMALL), key(LARGE)]) == 0


def test_places_that_are_about_to_be_given_away_again_count_as_out() -> None:
    known = knowing()
    known.learn(LARGE, in_flight=2, came=30, left=5_000)
    assert known.seconds([key(LARGE)] * 7) == GATHER_SECONDS
    assert known.seconds([key(LARGE)] * 8) == 0
    known.learn(LARGE, in_flight=2, came=30, left=2)  # no more are
    assert known.seconds([key(LARGE)]) == 0


def test_a_result_without_a_key_does_not_wait() -> None:
    assert knowing().seconds([None]) == 0


def test_while_somebody_waits_for_a_place_no_result_waits() -> None:
    known = knowing()
    known.see(open_requests=2, waiting_requests=1)
    assert known.seconds([key(LARGE)]) == 0


def test_the_last_results_of_a_large_request_wait_a_moment_for_the_very_last() -> None:
    known = knowing()
    known.learn(LARGE, came=0, in_flight=30, left=SMALL_IMAGES)
    assert known.seconds([key(LARGE)]) == FEW_SECONDS
    known.learn(LARGE, came=0, in_flight=1, left=1)
    assert known.seconds([key(LARGE)]) == 0


@given(in_flight=st.integers(0, 500), left=st.integers(1, 500))
def test_where_all_that_is_left_has_come_nobody_waits(in_flight: int, left: int) -> None:
    known = Gathering()
    known.learn(LARGE, came=0, in_flight=in_flight, left=left)
    assert known.seconds([key(LARGE)] * left) == 0


def test_a_request_that_has_ended_is_new_if_it_comes_again() -> None:
    known = knowing()
    known.learn(LARGE, came=0, in_flight=0, left=0)
    assert known.seconds([key(LARGE)]) == 0


def test_requests_are_forgotten_in_the_order_in_which_they_were_last_heard_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "REMEMBERED_REQUESTS", 2)
    known = Gathering()
    for request_id in (LARGE, SMALL, LARGE, NEW):
        known.learn(request_id, came=0, in_flight=80, left=5_000)
    assert known.seconds([key(LARGE)]) == GATHER_SECONDS
    assert known.seconds([key(SMALL)]) == 0  # it is new again


@given(
    left=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 5_000)), max_size=5),
    waiting=st.lists(st.integers(0, 5), min_size=1, max_size=50),
)
def test_one_more_result_of_the_same_request_never_makes_them_wait_longer(
    left: list[tuple[int, int]], waiting: list[int]
) -> None:
    known = Gathering()
    for number, (in_flight, images) in enumerate(left):
        known.learn(UUID(int=number), came=0, in_flight=in_flight, left=images)
    keys = [key(UUID(int=number)) for number in waiting]
    assert known.seconds([*keys, keys[0]]) <= known.seconds(keys) <= GATHER_SECONDS


@given(st.integers(0, 500), st.integers(0, 5_000))
def test_in_a_crowd_whoever_is_small_or_new_waits_a_moment_too(in_flight: int, left: int) -> None:
    """R22: a thousand small requests took a transaction for each image, and the time that they needed."""
    known = knowing()
    known.learn(SMALL, came=0, in_flight=in_flight, left=left)
    known.see(open_requests=CROWD_REQUESTS, waiting_requests=CROWD_REQUESTS)
    assert known.seconds([key(SMALL), key(NEW)]) == CROWD_SECONDS < GATHER_SECONDS


def test_a_crowd_is_over_when_its_requests_have_ended() -> None:
    known = knowing()
    known.see(open_requests=CROWD_REQUESTS, waiting_requests=0)
    known.see(open_requests=CROWD_REQUESTS - 1, waiting_requests=0)
    assert known.seconds([key(NEW)]) == 0
    assert known.seconds([key(LARGE)]) == GATHER_SECONDS
    known.see(open_requests=2, waiting_requests=1)
    assert known.seconds([key(LARGE)]) == 0
