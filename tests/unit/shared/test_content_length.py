"""How long a body is, as its header says."""

import pytest

from shared.content_length import announced_bytes


@pytest.mark.parametrize(
    ("header", "announced"),
    [
        (None, None),
        ("", None),
        ("-5", None),
        ("1e3", None),
        ("٣", None),
        ("0", 0),
        ("12", 12),
        (" 12 ", 12),
        ("0" * 4_301 + "12", 12),
        ("0" * 4_301, 0),
    ],
)
def test_a_length_is_read_however_it_is_written(header: str | None, announced: int | None) -> None:
    assert announced_bytes(header) == announced


def test_a_length_of_more_digits_than_python_reads_is_more_than_any_body() -> None:
    assert (announced_bytes("9" * 4_301) or 0) > 2**64
