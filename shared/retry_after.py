"""Reads a Retry-After header as RFC 9110 writes it, and keeps it within reason (pure)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SHORTEST_SECONDS = 1.0
LONGEST_SECONDS = 86_400.0  # a host may ask for a day, not for a year
_LONGEST_DIGITS = 9  # more digits than this are more than a day, whatever they say


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """Seconds to wait, between one second and one day; None for no header or one nobody can read."""
    wait = None if header is None else _wanted_seconds(header.strip(), now)
    return None if wait is None else min(max(wait, SHORTEST_SECONDS), LONGEST_SECONDS)


def _wanted_seconds(text: str, now: datetime) -> float | None:
    if text.isascii() and text.isdigit():
        return float(text[-_LONGEST_DIGITS:]) if len(text.lstrip("0")) <= _LONGEST_DIGITS else LONGEST_SECONDS
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # OverflowError: a year or a zone beyond any calendar
        return None
    if moment.tzinfo is None:  # the zone -0000: UTC of an unknown place
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()
