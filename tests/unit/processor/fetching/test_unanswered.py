"""Whether a host cuts off what is too much, or now and then whatever it is asked for."""

import random
from itertools import cycle, islice

import pytest

from services.processor.fetching.unanswered import Unanswered

LIMIT = 24


def seen(*, cut_off: dict[int, float], requests: int) -> Unanswered:
    """So many requests of each number under way, of which such shares are cut off, by a seeded chance."""
    chance, cut_offs = random.Random(20), Unanswered()
    for under_way in islice(cycle(cut_off), requests * len(cut_off)):
        cut_offs.ended(under_way, was_answered=chance.random() >= cut_off[under_way])
    return cut_offs


def test_where_only_what_is_beyond_its_connections_is_cut_off_that_is_for_our_number() -> None:
    cut_offs = seen(cut_off={1: 0, 2: 0, 3: 0, 4: 0, 5: 1}, requests=10)
    assert cut_offs.are_for_our_number(5)


@pytest.mark.parametrize("share", [0.02, 0.1, 0.3, 0.6, 1])
def test_where_as_many_are_cut_off_of_few_as_of_many_it_is_not(share: float) -> None:
    cut_offs = seen(cut_off=dict.fromkeys(range(1, LIMIT + 1), share), requests=100)
    assert not any(cut_offs.are_for_our_number(under_way) for under_way in (2, 4, 12))


def test_what_a_host_of_few_connections_cuts_off_for_its_own_reasons_hides_nothing_of_what_is_too_much() -> (
    None
):
    cut_offs = seen(cut_off={1: 0.2, 2: 0.2, 3: 0.2, 4: 0.2, 5: 1, 6: 1}, requests=100)
    assert cut_offs.are_for_our_number(5)


def test_the_first_that_is_cut_off_is_so_for_our_number_unless_it_was_alone_there() -> None:
    for under_way in range(1, LIMIT + 1):
        cut_offs = Unanswered()
        cut_offs.ended(under_way, was_answered=False)
        assert cut_offs.are_for_our_number(under_way) == (under_way > 1)


def test_what_was_alone_there_was_not_cut_off_for_our_number_whatever_became_of_others() -> None:
    assert not seen(cut_off={1: 0.5, 2: 0, 5: 0}, requests=50).are_for_our_number(1)


def test_one_in_a_while_is_not_for_our_number() -> None:
    cut_offs = seen(cut_off={1: 0, 6: 0}, requests=10)
    cut_offs.ended(6, was_answered=False)
    assert not cut_offs.are_for_our_number(6)
    for _ in range(9):
        cut_offs.ended(6, was_answered=False)
    assert cut_offs.are_for_our_number(6)


def test_a_difference_that_a_few_ends_may_show_by_chance_is_not_for_our_number() -> None:
    cut_offs = Unanswered()
    for was_answered in (True, False) * 3:
        cut_offs.ended(1, was_answered=was_answered)
    cut_offs.ended(6, was_answered=True)
    cut_offs.ended(6, was_answered=False)
    cut_offs.ended(6, was_answered=False)
    assert not cut_offs.are_for_our_number(6)
    for _ in range(20):
        cut_offs.ended(1, was_answered=True)
        cut_offs.ended(6, was_answered=False)
    assert cut_offs.are_for_our_number(6)


def test_where_little_is_known_the_first_of_more_that_is_cut_off_is_for_our_number() -> None:
    cut_offs = seen(cut_off={1: 0}, requests=3)
    cut_offs.ended(2, was_answered=False)
    assert cut_offs.are_for_our_number(2)


def test_where_more_get_nearly_as_many_answers_as_few_it_is_not_for_our_number_however_sure_that_is() -> None:
    cut_offs = Unanswered()
    for number in range(1_000):
        cut_offs.ended(1, was_answered=True)
        cut_offs.ended(24, was_answered=number % 10 > 0)
    assert not cut_offs.are_for_our_number(24)


def test_a_host_that_changes_is_judged_by_its_latest_answers() -> None:
    cut_offs = seen(cut_off={1: 0, 6: 0}, requests=10_000)
    for _ in range(20):
        cut_offs.ended(6, was_answered=False)
    assert cut_offs.are_for_our_number(6)
    for _ in range(200):
        cut_offs.ended(1, was_answered=False)
    assert not cut_offs.are_for_our_number(6)
