"""What a request shows that is sent at once after another was refused."""

from itertools import count

import pytest

from services.processor.fetching.second_asks import ENOUGH_SERVED, REMEMBERED_ENDS, SOON, SecondAsks

GAP_SECONDS = 5.0
QUICK_SECONDS = SOON * GAP_SECONDS / 2


def shown(*second_asks: bool, ends_between: int = 0, asks: SecondAsks | None = None) -> list[bool]:
    """Whether each of these shows that there is no rate, one of which was served where it is True."""
    asks, answers = asks or SecondAsks(), []
    for at in (float(100 * number) for number in range(len(second_asks))):
        for _ in range(ends_between):
            asks.ended()
        assert asks.wants_one(at, at + QUICK_SECONDS, GAP_SECONDS)
        asks.send(at + QUICK_SECONDS, GAP_SECONDS)
        if second_asks[int(at) // 100]:
            answers.append(asks.shows(at + QUICK_SECONDS))
        else:
            assert not asks.wants_one(at + QUICK_SECONDS, at + 2 * QUICK_SECONDS, GAP_SECONDS)
            answers.append(False)
    return answers


def test_some_that_are_served_show_that_there_is_no_rate() -> None:
    assert shown(*[True] * int(ENOUGH_SERVED)) == [False] * (int(ENOUGH_SERVED) - 1) + [True]


def test_after_that_it_takes_as_many_again() -> None:
    enough = int(ENOUGH_SERVED)
    assert [number for number, is_shown in enumerate(shown(*[True] * 3 * enough), 1) if is_shown] == [
        enough,
        2 * enough,
        3 * enough,
    ]


@pytest.mark.parametrize("second_asks", [[False] * 50, [True, False, False] * 20])
def test_a_host_that_refuses_most_of_them_is_limited(second_asks: list[bool]) -> None:
    assert not any(shown(*second_asks))


def test_as_many_served_as_refused_are_enough() -> None:
    assert any(shown(*[False, True] * 2 * int(ENOUGH_SERVED)))


def test_now_and_then_one_that_is_served_shows_nothing() -> None:
    """As at a host that is asked at its rate: another processor takes less at times."""
    assert not any(shown(*[True] * 50, ends_between=REMEMBERED_ENDS))


def test_only_the_next_request_is_a_second_ask_and_only_if_it_is_sent_soon() -> None:
    for late_seconds in (0.0, 2 * SOON * GAP_SECONDS):
        asks = SecondAsks()
        for at in (float(100 * number) for number in range(2 * int(ENOUGH_SERVED))):
            asks.wants_one(at, at + QUICK_SECONDS, GAP_SECONDS)
            asks.send(at + QUICK_SECONDS + late_seconds, GAP_SECONDS)
            asks.send(at + 50, GAP_SECONDS)
            assert not asks.shows(at + 50)
            assert not (asks.shows(at + QUICK_SECONDS + late_seconds) and late_seconds)


def test_of_several_that_are_sent_at_once_after_a_refusal_the_first_is_the_second_ask() -> None:
    asks, answers = SecondAsks(), []
    for at in (float(100 * number) for number in range(int(ENOUGH_SERVED))):
        asks.wants_one(at, at, GAP_SECONDS)
        for sent_at in (at + QUICK_SECONDS / 2, at + QUICK_SECONDS):
            asks.send(sent_at, GAP_SECONDS)
        assert not asks.shows(at + QUICK_SECONDS)
        answers.append(asks.shows(at + QUICK_SECONDS / 2))
    assert answers[-1]


def test_a_host_that_was_limited_is_not_for_ever() -> None:
    """What it refused long ago counts less and less, so that as few show it as of a new host."""
    asks, enough = SecondAsks(), int(ENOUGH_SERVED)
    refused, served = [False] * 10 * enough, [True] * (enough + 1)
    assert not any(shown(*refused, *served, asks=asks))
    for _ in range(10 * REMEMBERED_ENDS):
        asks.ended()
    assert any(shown(*served, asks=asks))


def test_those_that_nobody_came_for_in_time_speak_for_a_limit() -> None:
    asks, enough = SecondAsks(), int(ENOUGH_SERVED)
    for number in range(3 * enough):
        at, is_late = 100.0 * number, number < 2 * enough
        asks.wants_one(at, at, GAP_SECONDS)
        asks.send(at + is_late * GAP_SECONDS, GAP_SECONDS)
        assert is_late or not asks.shows(at)


def test_after_an_answer_that_takes_long_none_is_sent() -> None:
    """The host may be ready for another by then."""
    for seconds in count(0, QUICK_SECONDS):
        assert SecondAsks().wants_one(7.0, 7.0 + seconds, GAP_SECONDS) == (seconds <= SOON * GAP_SECONDS)
        if seconds > GAP_SECONDS:
            break


def test_what_it_refused_before_it_had_shown_that_does_not_count_after_it() -> None:
    enough = int(ENOUGH_SERVED)
    refused, served = [False] * 2 * enough, [True] * 3 * enough
    assert [number for number, is_shown in enumerate(shown(*refused, *served), 1) if is_shown] == [
        4 * enough,
        5 * enough,
    ]
