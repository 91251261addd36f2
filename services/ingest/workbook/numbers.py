"""Writes the numbers of a spreadsheet as people see them (pure)."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import NamedTuple, assert_never

_DIGITS = re.compile(r"-?[0-9]{1,40}")
_LARGEST_WRITTEN_OUT = 1e21
_SMALLEST_WRITTEN_OUT = 1e-10
_LAST_DAY = 2_958_466  # of the year 9999
_LEAP_DAY_THAT_NEVER_WAS = 60  # 29 February 1900
LONGEST_NUMBER = 100
_DAY_SECONDS = 86_400
_EPOCH, _EPOCH_BEFORE_MARCH, _EPOCH_1904 = date(1899, 12, 30), date(1899, 12, 31), date(1904, 1, 1)


class Shown(Enum):
    NUMBER = "number"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date and time"


class NumberStyle(NamedTuple):
    shown: Shown = Shown.NUMBER
    digits: int = 0  # at least so many: 00042


PLAIN = NumberStyle()


def number_text(value: str) -> str:
    """Without an exponent as long as anybody counts in such numbers; 15 digits, as spreadsheets keep."""
    if _DIGITS.fullmatch(value):
        return value if value != "-0" else "0"
    if len(value) > LONGEST_NUMBER:
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    text = f"{number + 0.0:.15g}"
    if "e" in text and _SMALLEST_WRITTEN_OUT <= abs(number) < _LARGEST_WRITTEN_OUT:
        return f"{Decimal(text):f}"
    return text


def styled_text(value: str, style: NumberStyle, *, is_1904: bool) -> str:
    if style is PLAIN:
        return number_text(value)
    if style.shown is not Shown.NUMBER:
        return _moment_text(value, style.shown, is_1904=is_1904) or number_text(value)
    text = number_text(value)
    return text.zfill(style.digits) if text.isdigit() else text


def _moment_text(value: str, shown: Shown, *, is_1904: bool) -> str | None:
    try:
        days = float(value[:LONGEST_NUMBER])
    except ValueError:
        return None
    if not 0 <= days < _LAST_DAY:
        return None
    whole, seconds = divmod(round(days * _DAY_SECONDS), _DAY_SECONDS)
    match shown:
        case Shown.TIME:
            return _clock(whole * _DAY_SECONDS + seconds)
        case Shown.DATE | Shown.DATE_TIME:
            try:
                day = _day(whole, is_1904=is_1904)
            except OverflowError:
                return None
            return f"{day} {_clock(seconds)}" if shown is Shown.DATE_TIME else str(day)
        case Shown.NUMBER:
            return None
        case _:
            assert_never(shown)


def _day(number: int, *, is_1904: bool) -> date:
    if is_1904:
        return _EPOCH_1904 + timedelta(days=number)
    epoch = _EPOCH_BEFORE_MARCH if number < _LEAP_DAY_THAT_NEVER_WAS else _EPOCH
    return epoch + timedelta(days=number)


def _clock(seconds: int) -> str:
    return f"{seconds // 3_600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def iso_text(value: str) -> str:
    """A moment in ISO form, as a spreadsheet shows it: without a T, and without a time at midnight."""
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return str(moment.date()) if "T" not in value else f"{moment:%Y-%m-%d %H:%M:%S}"
