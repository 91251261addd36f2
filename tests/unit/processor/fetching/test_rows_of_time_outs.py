"""Whether time-outs in a row are for our number where a known picture is asked for between them."""

from services.processor.fetching.host_width import LATER, LONG_SECONDS, PROMPT_SECONDS, HostWidth

LIMIT, ALONE = 24, 1


def quick() -> HostWidth:
    """Of a host that has sent a hundred pictures at once."""
    width = HostWidth(limit=LIMIT)
    for _ in range(100):
        width.answered(0.3, ALONE)
    return width


def in_vain(width: HostWidth, at: float) -> None:
    """As many as are allowed, one of which begins when all are under way."""
    width.timed_out(at, at + 10, int(width.allowed), has_begun=False)


def test_time_outs_in_a_row_are_not_for_our_number_once_a_known_picture_came_as_quickly_twice() -> None:
    """R18: those of an old category hang whatever else is asked for; two hundred of them took an hour."""
    width = quick()
    in_vain(width, 0)
    width.witness_answered(0.3)
    assert width.allowed == LIMIT / 2
    in_vain(width, 20)
    assert width.allowed == LIMIT / 4
    width.witness_answered(0.3)
    assert width.allowed == LIMIT
    in_vain(width, 40)
    assert width.allowed == LIMIT


def test_they_are_where_the_known_picture_takes_longer_alone_than_it_did() -> None:
    width = quick()
    for at in (0, 20, 40):
        in_vain(width, at)
        width.witness_answered(2 * LATER * 0.3)
    assert width.allowed == LIMIT / 8


def test_any_other_answer_begins_a_row_anew() -> None:
    width = quick()
    for at in (0, 20):
        in_vain(width, at)
        width.witness_answered(0.3)
    width.answered(0.3, LIMIT)
    in_vain(width, 40)
    assert width.allowed == LIMIT / 2


def test_then_a_host_gets_as_many_as_it_had_and_no_more() -> None:
    width = quick()
    width.overloaded(0, 0)
    width.answered(LONG_SECONDS + 1, LIMIT // 2)
    had = width.allowed
    for at in (10, 30):
        in_vain(width, at)
        width.witness_answered(0.3)
    assert width.allowed == had < LIMIT


def test_nor_has_one_of_which_nothing_else_has_come_one_request_at_a_time_for_ever() -> None:
    """R18: thirty URLs that hang took a processor that had just started a quarter of an hour."""
    width = HostWidth(limit=LIMIT)
    for at in (0, 20):
        in_vain(width, at)
        width.witness_answered(0.3)
    assert width.allowed == 1
    for at in range(40, 40 + LIMIT**2):
        in_vain(width, at)
    assert width.allowed == LIMIT


def test_unless_what_came_to_others_takes_long() -> None:
    width = HostWidth(limit=LIMIT)
    for at in range(0, 20 * LIMIT, 20):
        in_vain(width, at)
        width.witness_answered(PROMPT_SECONDS + 1)
    assert width.allowed == 1
