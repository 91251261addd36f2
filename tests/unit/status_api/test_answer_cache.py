"""Answers are kept for one version each, and never more of them than there is room for."""

from hypothesis import given
from hypothesis import strategies as st

from services.status.answer_cache import LARGEST_SHARE, AnswerCache


def test_an_answer_is_kept_for_its_version_only() -> None:
    cache = AnswerCache()
    cache.put("a", 1, b"one")
    assert cache.get("a", 1) == b"one"
    assert cache.get("a", 2) is None
    cache.put("a", 2, b"two")
    assert (cache.get("a", 1), cache.get("a", 2)) == (None, b"two")


def test_what_was_asked_for_least_recently_goes_first() -> None:
    cache = AnswerCache(most_bytes=16)
    for key in range(8):
        cache.put(key, 1, b"xx")
    assert cache.get(0, 1)
    cache.put(8, 1, b"xx")
    assert cache.get(0, 1)
    assert cache.get(1, 1) is None


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 40))))
def test_it_never_holds_more_bytes_than_it_may(puts: list[tuple[int, int, int]]) -> None:
    """R22"""
    cache = AnswerCache(most_bytes=64)
    for key, version, size in puts:
        cache.put(key, version, b"x" * size)
        held = [cache.get(each, number) or b"" for each in range(6) for number in range(4)]
        assert sum(map(len, held)) == cache.held_bytes <= 64
        assert max(map(len, held)) <= 64 // LARGEST_SHARE
