"""How long a host may ask us to wait (pure): reads Retry-After as RFC 9110 writes it, and keeps every wish
within reason. The one rule for image hosts and webhook receivers alike.
"""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

SHORTEST_SECONDS = 1.0
LONGEST_SECONDS = 3_600.0  # a host that wants longer is asked again after an hour
_LONGEST_DIGITS = 9  # more digits than this are more than an hour, whatever they say


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """Seconds to wait, between one second and one hour; None for no header or one nobody can read."""
    wait = None if header is None else _wanted_seconds(header.strip(), now)
    return None if wait is None else max(within_reason(wait), SHORTEST_SECONDS)


def within_reason(asked_seconds: float | None) -> float:
    """The wait that is obeyed. An event may carry the wish of a release with another rule."""
    return min(max(asked_seconds or 0.0, 0.0), LONGEST_SECONDS)


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
