"""Ids that tell their time and sort by it."""

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.acceptance.uuid7 import uuid7


@given(st.integers(0, 2**48 - 1), st.integers(0, 2**74 - 1))
def test_an_id_is_a_version_7_uuid_that_tells_its_time(unix_ms: int, randomness: int) -> None:
    made = uuid7(unix_ms, randomness)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == unix_ms


@given(st.integers(0, 2**48 - 2), st.integers(0, 2**74 - 1), st.integers(0, 2**74 - 1))
def test_ids_sort_by_their_time(unix_ms: int, one: int, two: int) -> None:
    assert str(uuid7(unix_ms, one)) < str(uuid7(unix_ms + 1, two))


@given(st.integers(0, 2**74 - 1), st.integers(0, 2**74 - 1))
def test_other_randomness_is_another_id(one: int, two: int) -> None:
    assert (uuid7(1, one) == uuid7(1, two)) == (one == two)
