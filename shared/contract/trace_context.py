"""The part of W3C Trace Context that Pixmill needs: one header, which goes unchanged from the upload to the
webhook (pure).
"""

import re
from collections.abc import Sequence

HEADER = "traceparent"
RANDOM_BITS = 192  # of a new one: its trace, its parent
_FORM = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def is_traceparent(text: str) -> bool:
    return _FORM.fullmatch(text) is not None


def taken_or_made(given: Sequence[str], random_bits: int) -> str:
    """The caller's, if it sent exactly one, a valid one; else a new one, for whoever searches logs later."""
    if len(given) == 1 and is_traceparent(given[0]):
        return given[0]
    trace, parent = divmod(random_bits, 1 << 64)
    return f"00-{trace or 1:032x}-{parent or 1:016x}-01"


def trace_headers(traceparent: str | None) -> dict[str, str]:
    """The headers by which a message or a request carries it."""
    return {HEADER: traceparent} if traceparent else {}
