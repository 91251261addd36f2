"""When too many dead letters pause a group: a hundred among its last thousand messages, whichever of its
members met them.
"""

from collections.abc import Iterable
from random import Random

import pytest

from shared.consuming.pause import DeadLetterLimit

TOPIC, OTHER = "image.requested", "webhook.retry"


def told(limit: DeadLetterLimit, places: Iterable[int], topic: str = TOPIC) -> bool:
    for place in places:
        limit.put_aside(topic, place)
    return limit.tripped


@pytest.mark.parametrize(
    ("before", "letters", "good_after_each", "trips"),
    [
        (0, 99, 0, False),
        (0, 100, 0, True),
        (5_000, 100, 0, True),
        (0, 100, 9, True),  # 991 messages from the first to the last
        (0, 400, 9, True),
        (0, 400, 11, False),
    ],
)
def test_alone_a_member_allows_less_than_a_hundred_among_a_thousand(
    before: int, letters: int, good_after_each: int, *, trips: bool
) -> None:
    limit = DeadLetterLimit()
    limit.handled(before)
    seen = False
    for place in range(letters):
        seen = told(limit, [7 + place]) or seen
        limit.handled(good_after_each)
    assert seen is trips


@pytest.mark.parametrize("members", [1, 2, 5, 24])
def test_members_whose_messages_all_die_stop_after_a_hundred_together(members: int) -> None:
    """R09"""
    limits = [DeadLetterLimit() for _ in range(members)]
    for limit in limits:
        limit.handled(3_000)
    chance, place = Random(members), 0
    while not any(limit.tripped for limit in limits):
        limits[chance.randrange(members)].put_aside(TOPIC, place)
        place += 1
    assert 100 <= place <= 100 + 10 * members


@pytest.mark.parametrize("members", [1, 2, 5, 24])
@pytest.mark.parametrize("share", [0.01, 0.02])
def test_a_few_letters_among_many_messages_stop_nobody(members: int, share: float) -> None:
    limits = [DeadLetterLimit() for _ in range(members)]
    chance, place = Random(members), 0
    for _ in range(60_000):
        limit = chance.choice(limits)
        if chance.random() < share:
            limit.put_aside(TOPIC, place)
            place += 1
        else:
            limit.handled(1)
        assert not limit.tripped


def test_letters_of_others_count_from_the_first_of_ours_on() -> None:
    """What lay there before says nothing of this deploy."""
    limit = DeadLetterLimit()
    assert not told(limit, range(5_000, 5_004))
    assert told(limit, [5_100])


def test_a_member_that_hardly_has_work_does_not_take_its_few_messages_for_those_of_all() -> None:
    """One without partitions got one for a moment, and another a month later: it stopped the whole group."""
    limit = DeadLetterLimit()
    assert not told(limit, [5_000, 5_150])
    assert not told(limit, [5_300, 5_450])


def test_what_an_operator_has_let_go_on_is_forgotten() -> None:
    limit = DeadLetterLimit()
    assert told(limit, range(100))
    limit.reset()
    assert not told(limit, range(150, 249))
    assert told(limit, [249])


def test_letters_that_are_told_of_in_another_order_are_counted_once() -> None:
    limit = DeadLetterLimit()
    places = [first + shift for first in range(0, 96, 8) for shift in (7, 2, 0, 1, 5, 3, 6, 4)]
    assert not told(limit, places)
    assert told(limit, range(96, 100))


def test_a_topic_that_is_made_anew_hides_no_letter() -> None:
    limit = DeadLetterLimit()
    assert not told(limit, range(9_000, 9_050))
    assert not told(limit, range(49))
    assert told(limit, [49])


def test_letters_of_each_topic_of_a_group_count() -> None:
    limit = DeadLetterLimit()
    assert not told(limit, range(700, 750))
    assert not told(limit, range(49), OTHER)
    assert told(limit, [49], OTHER)
