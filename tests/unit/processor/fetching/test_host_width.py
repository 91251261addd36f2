"""How many requests at once a host gets, by how long its answers take."""

import pytest

from services.processor.fetching.host_width import (
    CAUTION,
    CUT_OFF_IN_A_ROW,
    FIRST,
    FORGETTING,
    LATER,
    LONG_SECONDS,
    LONGEST_PAUSE_SECONDS,
    PROMPT_SECONDS,
    HostWidth,
)
from tests.worlds.processes.traced_memory import traced_memory

LIMIT = 24
ALONE = 1
SLOW = PROMPT_SECONDS + 1


def known(*took_seconds: float) -> HostWidth:
    width = HostWidth(limit=LIMIT)
    for seconds in took_seconds:
        width.answered(seconds, ALONE)
    return width


def test_a_host_gets_few_requests_at_first_and_never_more_than_its_limit() -> None:
    assert known().allowed == FIRST
    assert HostWidth(limit=1).allowed == 1
    assert known(*[0.1] * 100).allowed == LIMIT


def test_a_host_whose_answers_always_take_long_gets_as_many_as_a_quick_one() -> None:
    assert known(*[2 * LONG_SECONDS] * 100).allowed == LIMIT


def test_answers_that_come_later_than_the_quickest_give_it_no_more_unless_they_are_prompt() -> None:
    assert known(SLOW, LATER * SLOW + 0.1).allowed == FIRST + 1
    assert known(PROMPT_SECONDS / 10, PROMPT_SECONDS).allowed == FIRST + 2


def test_answers_that_come_later_and_take_long_give_it_less_down_to_one() -> None:
    assert known(SLOW, 2 * LONG_SECONDS).allowed < FIRST + 1
    assert known(SLOW, *[2 * LONG_SECONDS] * 30).allowed == 1


def test_one_quick_answer_is_forgotten_after_a_few_hundred() -> None:
    assert known(0.1, *[SLOW] * 100).allowed == FIRST + 1
    assert FORGETTING**300 * 0.1 > SLOW
    assert known(0.1, *[SLOW] * 400).allowed == LIMIT


def test_answers_without_a_picture_say_something_only_of_a_host_from_which_none_has_come() -> None:
    """They are quick also where each picture takes seconds."""
    without, with_some, late = known(), known(SLOW), known()
    for _ in range(100):
        without.answered_without_picture(0.1, ALONE)
        with_some.answered_without_picture(0.1, ALONE)
        late.answered_without_picture(SLOW, ALONE)
    assert (without.allowed, with_some.allowed, late.allowed) == (LIMIT, FIRST + 1, FIRST)
    with_some.answered(SLOW, ALONE)
    assert with_some.allowed == FIRST + 2


def test_of_many_requests_that_were_sent_at_once_overload_halves_it_once() -> None:
    width = known(*[0.1] * 100)
    for seconds in range(10):
        width.overloaded(9.9, 10.0 + seconds)
    assert width.allowed == LIMIT / 2
    width.overloaded(10.0, 20.0)
    assert width.allowed == LIMIT / 4


def test_what_was_overloaded_is_tried_again_soon_where_it_is_prompt_and_slowly_where_it_is_not() -> None:
    for took_seconds, growth in ((PROMPT_SECONDS, 1), (SLOW, CAUTION)):
        width = known(*[took_seconds] * 6)
        width.overloaded(10.0, 10.0)
        before = width.allowed
        width.answered(took_seconds, ALONE)
        assert width.allowed == before + growth / before


def answers_until(width: HostWidth, allowed: float) -> int:
    answers = 0
    while width.allowed < allowed:
        width.answered(0.1, ALONE)
        answers += 1
    return answers


def test_near_what_was_too_much_more_is_tried_slowly_and_beyond_it_soon_again() -> None:
    width = known(*[0.1] * 10)
    width.overloaded(10.0, 10.0)
    assert answers_until(width, 10) < 100
    assert answers_until(width, 13) > 200
    assert answers_until(width, 20) < 200


def test_a_host_that_cuts_off_what_is_too_much_is_left_alone_until_an_answer_may_have_come() -> None:
    """The place of one that is cut off is free at once: the next ones would be burnt like it."""
    width = known(0.3)
    assert width.cut_off(9.9, 10.0, 3)
    assert width.allowed == (FIRST + 1) / 2
    assert width.opens_at == 10.3
    assert width.cut_off(9.9, 10.2, 2)
    assert width.opens_at == 10.3  # it was sent before
    assert width.cut_off(10.3, 10.3, 2)
    assert width.opens_at == 10.9
    width.answered(0.3, ALONE)
    assert width.cut_off(9.9, 11.0, 2)
    assert width.opens_at == 10.9
    assert width.cut_off(11.0, 11.0, 2)
    assert width.opens_at == 11.3


def test_one_whose_failure_took_as_long_as_an_answer_is_not_waited_for() -> None:
    width = known(0.3)
    width.cut_off(10.0, 10.3, 2)
    assert width.opens_at <= 10.3


def test_one_that_was_cut_off_alone_narrows_nothing_but_the_next_waits_for_what_others_may_ask() -> None:
    width = known(*[0.3] * 100)
    assert not width.cut_off(9.9, 10.0, ALONE)
    assert width.allowed == LIMIT
    assert width.opens_at == 10.3


def test_a_host_that_cuts_off_of_many_as_often_as_of_few_gets_as_many_and_is_not_waited_for() -> None:
    width = known()
    for _ in range(20):
        for under_way in (*range(1, LIMIT), ALONE):
            width.answered(0.3, under_way)
        width.cut_off(9.9, 10.0, ALONE)
    assert width.allowed == LIMIT
    waited_until = width.opens_at
    assert not width.cut_off(20.0, 20.0, LIMIT // 2)
    assert (width.allowed, width.opens_at) == (LIMIT, waited_until)


def test_of_a_host_that_was_asked_for_few_at_once_little_is_held_whatever_it_might_get() -> None:
    """A processor remembers thousands of hosts: 32 kB each, where REQUESTS_PER_HOST is 1,024."""
    with traced_memory() as memory:
        widths = [HostWidth(limit=1_024) for _ in range(20)]
        for width in widths:
            width.answered(0.1, 2)
    assert memory.most_bytes < 20 * 4_000


def of_many_and_few() -> HostWidth:
    """It has answered three in four of each number under way."""
    width = known()
    for _ in range(20):
        for under_way in (1, LIMIT // 2, LIMIT):
            for _ in range(3):
                width.answered(0.3, under_way)
            width.timed_out(9.9, 10.0, under_way, has_begun=True)
    return width


@pytest.mark.parametrize("has_begun", [False, True])
def test_a_host_of_which_of_many_as_much_times_out_as_of_few_gets_as_many(*, has_begun: bool) -> None:
    width = of_many_and_few()
    assert width.allowed == LIMIT
    width.timed_out(20.0, 30.0, LIMIT, has_begun=has_begun)
    assert width.allowed == LIMIT


def test_what_times_out_of_many_and_not_of_few_halves_it() -> None:
    width = known(*[0.1] * 100)
    width.timed_out(20.0, 30.0, LIMIT, has_begun=True)
    assert width.allowed == LIMIT / 2


@pytest.mark.parametrize("under_way", [1, 2])
def test_what_times_out_of_a_host_from_which_nothing_has_come_halves_it(under_way: int) -> None:
    """Another processor may ask the same host: its few and ours may be too many together."""
    width = known()
    width.timed_out(9.0, 10.0, under_way, has_begun=True)
    width.timed_out(10.0, 20.0, under_way, has_begun=True)
    assert width.allowed == 1


def test_a_slow_host_gets_no_more_for_what_comes_too_slowly() -> None:
    """Another processor may ask it, too."""
    width = known(SLOW)
    width.find_out()
    width.timed_out(20.0, 30.0, ALONE, has_begun=True)
    assert width.allowed == 1


def test_a_host_that_was_found_out_gets_more_again_where_only_pictures_that_come_too_slowly_are_left() -> (
    None
):
    for has_begun, allowed in ((False, 1), (True, 2)):
        width = of_many_and_few()
        width.find_out()
        width.timed_out(20.0, 30.0, ALONE, has_begun=has_begun)
        assert width.allowed == allowed


def test_a_host_that_cuts_everything_off_is_asked_for_more_again_and_not_waited_for() -> None:
    width, now, waits = known(0.3), 10.0, 0
    while width.allowed < LIMIT:
        width.cut_off(now, now, int(width.allowed))
        assert width.opens_at - now <= LONGEST_PAUSE_SECONDS
        waits += width.opens_at > now
        now = max(now, width.opens_at)
    assert waits == CUT_OFF_IN_A_ROW


def test_a_host_of_which_nothing_has_come_is_not_waited_for() -> None:
    width = known()
    assert not width.cut_off(10.0, 10.0, 2)
    assert width.opens_at <= 10


def test_one_request_finds_out_whether_a_host_is_there_and_its_answer_lets_more_in() -> None:
    width = known(*[0.1] * 100)
    width.find_out()
    assert width.allowed == 1
    width.answered(0.1, ALONE)
    assert width.allowed == 2
