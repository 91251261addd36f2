"""How long a host or receiver asks to be left alone, whatever it writes there."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.outbound.retry_after import LONGEST_SECONDS, SHORTEST_SECONDS, retry_after_seconds

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120.0),
        (" 120 ", 120.0),
        ("0120", 120.0),
        ("0", SHORTEST_SECONDS),
        ("3600", LONGEST_SECONDS),
        ("3601", LONGEST_SECONDS),
        ("1" * 5_000, LONGEST_SECONDS),
        ("1" + "0" * 12, LONGEST_SECONDS),
        ("0" * 5_000 + "7", 7.0),
        ("-5", None),
        ("1.5", None),
        ("١٢", None),
        ("soon", None),
        ("Sat, 21 Nov 2026 12:02:00 GMT", 120.0),
        ("Saturday, 21-Nov-26 12:02:00 GMT", 120.0),
        ("Sat Nov 21 12:02:00 2026", 120.0),
        ("Sat, 21 Nov 2026 12:02:00 -0000", 120.0),
        ("Sat, 21 Nov 2026 14:02:00 +0200", 120.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", SHORTEST_SECONDS),
        ("Sat, 21 Nov 2099 11:00:00 GMT", LONGEST_SECONDS),
        ("Sat, 21 Nov 99999999999999999999 11:00:00 GMT", None),
        ("Sat, 21 Nov 2026 11:00:00 +99999999999999999999", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date_and_clamped(
    header: str | None, seconds: float | None
) -> None:
    """R17."""
    assert retry_after_seconds(header, NOW) == seconds


_DATE_LIKE = st.text(alphabet="SatNov 0123456789:,+-GMT/.", max_size=60)


@given(header=st.text(max_size=60) | _DATE_LIKE)
def test_no_header_breaks_it_or_leads_out_of_bounds(header: str) -> None:
    seconds = retry_after_seconds(header, NOW)
    assert seconds is None or SHORTEST_SECONDS <= seconds <= LONGEST_SECONDS
