"""Numbers, times and foreign texts as a person reads them (pure)."""

import re

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_UNITS = ("B", "kB", "MB", "GB", "TB")
_STEP = 1000
_ROUNDS_TO_A_STEP = _STEP - 0.05  # with one digit behind the point
_LONGEST_LINE = 300
_SIXTY = 60


def printable(text: str) -> str:
    """What comes from a file or a server moves no cursor and changes no colour."""
    return _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def on_one_line(text: str) -> str:
    """What may hold a line's end, as the name of a file, where a result is one line."""
    return text.replace("\n", " ")


def one_line(text: str) -> str:
    """What a server says of itself, as far as anybody reads it."""
    whole = " ".join(text.split())
    return whole if len(whole) <= _LONGEST_LINE else whole[: _LONGEST_LINE - 1] + "…"


def size(count: float) -> str:
    """`41.2 MB`"""
    unit = 0
    while abs(count) >= _ROUNDS_TO_A_STEP and unit < len(_UNITS) - 1:
        count /= _STEP
        unit += 1
    return f"{count:.0f} {_UNITS[unit]}" if unit == 0 else f"{count:.1f} {_UNITS[unit]}"


def duration(seconds: float) -> str:
    """`8 s`, `3 min`, `2 h 5 min`; nothing takes less than a second."""
    whole = max(round(seconds), 1)
    minutes = round(whole / _SIXTY)
    if whole < _SIXTY:
        return f"{whole} s"
    return f"{minutes} min" if minutes < _SIXTY else f"{minutes // _SIXTY} h {minutes % _SIXTY} min"


def many(count: int, one: str) -> str:
    """`1 image`, `2 images`"""
    return f"{count:,} {one}" if count == 1 else f"{count:,} {one}s"


def saved(bytes_in: int, bytes_out: int) -> str:
    """`41.2 MB became 9.8 MB (76 % less)`; in another format it may be more."""
    if not bytes_in:
        return ""
    percent = round(100 * (bytes_in - bytes_out) / bytes_in)
    change = f"{percent} % less" if percent >= 0 else f"{-percent} % more"
    return f"{size(bytes_in)} became {size(bytes_out)} ({change})"
