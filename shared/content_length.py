"""How many bytes a Content-Length announces (pure). The other side wrote it: Python reads no number of more
than 4,300 digits, and leading zeros make one as long as a header may be.
"""

_MOST_DIGITS = 20  # more are more than any body, whatever they say


def announced_bytes(header: str | None) -> int | None:
    """None for no header, or one that is no number."""
    text = (header or "").strip()
    if not (text.isascii() and text.isdigit()):
        return None
    return int(text.lstrip("0")[:_MOST_DIGITS] or "0")
