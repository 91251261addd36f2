"""When waiting for the end of all work is of no use any more."""

from chaos.live.course.settling import STANDS_STILL_SECONDS, Going

LATE = STANDS_STILL_SECONDS + 1


def test_work_goes_on_while_less_and_less_is_left() -> None:
    going = Going(0.0)
    for now in range(10):
        going.seen({"requests that are open": 10 - now}, "the same", now * LATE)
        assert not going.stands_still(now * LATE)


def test_work_goes_on_while_there_are_new_results() -> None:
    going = Going(0.0)
    for now in range(10):
        going.seen({"requests that are open": 1}, now, now * LATE)
        assert not going.stands_still(now * LATE)


def test_more_is_left_after_a_result_and_less_again() -> None:
    going = Going(0.0)
    going.seen({"images": 1}, "one", 0.0)
    going.seen({"images": 9}, "two", LATE)
    going.seen({"images": 8}, "two", 2 * LATE)
    assert not going.stands_still(2 * LATE)


def test_what_comes_and_goes_without_a_result_is_no_progress() -> None:
    going = Going(0.0)
    for now in range(10):
        going.seen({"webhooks that are open": 2, "notifier webhook.retry": now % 3}, "the same", now * 60.0)
    assert going.stands_still(10 * 60.0)
