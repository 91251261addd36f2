"""Answers are kept for one version each, and never more of them than there is room for."""

from hypothesis import given
from hypothesis import strategies as st

from services.status.api.answers.answer_cache import ENTRY_BYTES, LARGEST_SHARE, AnswerCache

EIGHT_SMALL = 8 * (ENTRY_BYTES + 2)


def test_an_answer_is_kept_for_its_version_only() -> None:
    cache = AnswerCache()
    cache.put("a", 1, b"one")
    assert cache.get("a", 1) == b"one"
    assert cache.get("a", 2) is None
    cache.put("a", 2, b"two")
    assert (cache.get("a", 1), cache.get("a", 2)) == (None, b"two")


def test_what_was_asked_for_least_recently_goes_first() -> None:
    cache = AnswerCache(most_bytes=EIGHT_SMALL)
    for key in range(8):
        cache.put(key, 1, b"xx")
    assert cache.get(0, 1)
    cache.put(8, 1, b"xx")
    assert cache.get(0, 1)
    assert cache.get(1, 1) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 4 * ENTRY_BYTES))))
def test_it_never_holds_more_bytes_than_it_may(puts: list[tuple[int, int, int]]) -> None:
    """R22"""
    most_bytes = 16 * ENTRY_BYTES
    cache = AnswerCache(most_bytes)
    for key, version, size in puts:
        cache.put(key, version, b"x" * size)
        held = [cache.get(each, number) for each in range(6) for number in range(4)]
        sizes = [ENTRY_BYTES + len(answer) for answer in held if answer is not None]
        assert sum(sizes) == cache.held_bytes <= most_bytes
        assert max(sizes, default=0) <= most_bytes // LARGEST_SHARE


def test_answers_that_are_next_to_empty_take_their_room_too() -> None:
    """R22: what holds them is larger than they are."""
    cache = AnswerCache(most_bytes=EIGHT_SMALL)
    for key in range(1_000):
        cache.put(key, 1, b"[]")
    assert sum(cache.get(key, 1) is not None for key in range(1_000)) == 8
