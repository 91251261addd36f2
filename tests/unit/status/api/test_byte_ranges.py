"""Range and If-Range, read as RFC 9110 says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.status.api.answers.byte_ranges import Span, UnsatisfiableRange, wanted_span

TAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=2-5", (2, 6)),
        ("bytes=7-", (7, 10)),
        ("bytes=7-99", (7, 10)),
        (f"bytes=7-{2**64 - 1}", (7, 10)),
        ("bytes=-3", (7, 10)),
        ("bytes=-99", (0, 10)),
        (" Bytes= 0-1 ", (0, 2)),
    ],
)
def test_one_range_is_that_part(header: str, part: tuple[int, int]) -> None:
    assert wanted_span(header, None, TAG, 10) == Span(*part)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes=",
        "bytes=-",
        "bytes=5-2",
        "bytes=0-1,4-5",
        "rows=0-1",
        "bytes=a-b",
        "bytes=1",
        "bytes=٣-",
    ],
)
def test_what_is_no_single_range_is_the_whole(header: str | None) -> None:
    assert wanted_span(header, None, TAG, 10) is None


@pytest.mark.parametrize(
    ("header", "size"),
    [
        ("bytes=10-", 10),
        ("bytes=11-", 10),
        ("bytes=99-", 10),
        ("bytes=11-12", 10),
        ("bytes=-0", 10),
        ("bytes=0-", 0),
        ("bytes=1-", 0),
        ("bytes=-1", 0),
    ],
)
def test_a_range_behind_the_end_is_unsatisfiable(header: str, size: int) -> None:
    with pytest.raises(UnsatisfiableRange, match=f"of {size}"):
        wanted_span(header, None, TAG, size)


@pytest.mark.parametrize("if_range", ['"other"', 'W/"abc"', "Sat, 21 Nov 2026 12:02:00 GMT", ""])
def test_a_part_of_something_else_is_the_whole(if_range: str) -> None:
    assert wanted_span("bytes=0-1", if_range, TAG, 10) is None
    assert wanted_span("bytes=99-", if_range, TAG, 10) is None
    assert wanted_span("bytes=0-1", TAG, TAG, 10) == Span(0, 2)


@given(st.text(alphabet="bytes=-0123456789, ", max_size=40), st.integers(0, 50))
def test_whatever_is_asked_a_part_lies_within_the_object(header: str, size: int) -> None:
    try:
        span = wanted_span(header, None, TAG, size)
    except UnsatisfiableRange:
        return
    assert span is None or 0 <= span.start < span.stop <= size
