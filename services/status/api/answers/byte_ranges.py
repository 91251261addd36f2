"""Which bytes of an object a caller asks for: Range and If-Range of RFC 9110 (pure).

Starlette reads these headers too, but only for files on its own disk.
"""

import re
from dataclasses import dataclass

# Several ranges at once, other units and nonsense may all be ignored: the answer is then the whole.
_RANGE = re.compile(r"bytes=[ \t]*([0-9]{0,20})-([0-9]{0,20})[ \t]*", re.IGNORECASE)


class UnsatisfiableRange(ValueError):  # noqa: N818 - the standard calls it so
    """The range is well formed and lies behind the end."""


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    stop: int  # the first byte that is not wanted

    def content_range(self, size: int) -> str:
        return f"bytes {self.start}-{self.stop - 1}/{size}"


def wanted_span(wanted: str | None, if_range: str | None, tag: str, size: int) -> Span | None:
    """The part to send, or None for the whole; raises `UnsatisfiableRange`."""
    match = _RANGE.fullmatch(wanted.strip()) if wanted else None
    if match is None or match[1] == match[2] == "":
        return None
    if if_range is not None and if_range.strip() != tag:
        return None  # what the caller has begun is no longer what there is
    if match[1] == "":
        return _span(max(size - int(match[2]), 0) if int(match[2]) else size, size, size)
    first = int(match[1])
    last = int(match[2]) if match[2] else max(first, size)
    if last < first:
        return None
    return _span(first, min(last + 1, size), size)


def _span(start: int, stop: int, size: int) -> Span:
    if start >= size:
        raise UnsatisfiableRange(f"byte {start} of {size}")
    return Span(start, stop)
