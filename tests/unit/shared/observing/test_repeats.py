"""R21: an outage of hours does not fill the log with the words of a library."""

import logging
from typing import Any

import pytest

from shared.observing.repeats import TOLD_AGAIN_SECONDS, WORDS_REMEMBERED, Repeats


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def repeats(clock: Clock) -> Repeats:
    return Repeats(clock)


def said(repeats: Repeats, message: str, *arguments: object, name: str = "aiokafka") -> Any:
    """How often it was said since it was told last; None where it is not told."""
    record = logging.LogRecord(name, logging.ERROR, "client.py", 1, message, arguments, None)
    return vars(record)["repeats"] if repeats.filter(record) else None


def test_the_same_words_are_told_once_a_minute_with_how_often_they_came(
    repeats: Repeats, clock: Clock
) -> None:
    assert [said(repeats, "no node %s", 1) for _ in range(100)] == [0, *[None] * 99]
    clock.now = TOLD_AGAIN_SECONDS
    assert [said(repeats, "no node %s", 1) for _ in range(3)] == [99, None, None]
    clock.now *= 2
    assert said(repeats, "no node %s", 1) == 2


def test_other_words_and_other_loggers_are_told_at_once(repeats: Repeats) -> None:
    assert said(repeats, "no node %s", 1) == 0
    assert said(repeats, "no node %s", 2) == 0
    assert said(repeats, "no node %s", 1, name="asyncio") == 0


def test_what_is_formatted_wrongly_is_not_our_end(repeats: Repeats) -> None:
    assert said(repeats, "%d nodes", "no number") == 0


def test_words_that_are_never_the_same_take_no_memory(repeats: Repeats) -> None:
    for number in range(WORDS_REMEMBERED + 50):
        assert said(repeats, f"task {number}") == 0
    assert len(repeats._told) == WORDS_REMEMBERED
    assert said(repeats, "task 0") == 0
    assert said(repeats, f"task {WORDS_REMEMBERED + 49}") is None
