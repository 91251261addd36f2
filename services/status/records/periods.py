"""The periods that images and products lie in, by the time in their request's id (pure)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from shared.contract.keys import made_at

AHEAD = timedelta(days=2)
"""Every period that begins within that is made: for clocks that are ahead."""
DAY, WEEK = timedelta(days=1), timedelta(days=7)
SHORT_RETENTION_DAYS = 7.0
_A_MONDAY = datetime(2024, 1, 1, tzinfo=UTC)


class Period(NamedTuple):
    """A row of `periods`: requests from one id to before another."""

    name: str
    first_id: UUID
    end_id: UUID


def missing_periods(known: Sequence[Period], now: datetime, retention_days: float) -> Iterator[Period]:
    """What must be made so that everything from `now` on lies in a period, for as long as `AHEAD`.

    Each statement opens every period, so they are few: weeks, and days where nothing is kept for longer.
    """
    length = DAY if 0 < retention_days <= SHORT_RETENTION_DAYS else WEEK
    moment = now
    while moment <= now + AHEAD:
        covering = [period for period in known if _begin(period) <= moment < _end(period)]
        if covering:
            moment = _end(covering[0])
            continue
        period = _between_neighbours(known, moment, length)
        yield period
        moment = _end(period)


def first_id_of(moment: datetime) -> UUID:
    """The least UUIDv7 of that millisecond; ids without a version compare alike."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _between_neighbours(known: Sequence[Period], moment: datetime, length: timedelta) -> Period:
    """The week or day around this moment, as far as no other period has it."""
    begin = _A_MONDAY + (moment - _A_MONDAY) // length * length
    begin = max([begin, *(_end(each) for each in known if _end(each) <= moment)])
    end = begin + length - (begin - _A_MONDAY) % length
    end = min([end, *(_begin(each) for each in known if _begin(each) > moment)])
    return Period(f"{begin:%Y%m%d}", first_id_of(begin), first_id_of(end))


def _begin(period: Period) -> datetime:
    return made_at(period.first_id)


def _end(period: Period) -> datetime:
    return made_at(period.end_id)
