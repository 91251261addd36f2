"""What calls which jobs to work at once: those of this process by a signal, those of others by a notice."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from services.status.jobs.job import Signal

TELL_SECONDS = 0.02  # within which several calls become one notice


class Work(StrEnum):
    """What there is to do; a notice names it."""

    PLAN = "plan"
    DISPATCH = "dispatch"
    REPEATS = "repeats"
    COMPLETE = "complete"
    ANNOUNCE = "announce"
    DELIVER = "deliver"
    PURGE = "purge"


@dataclass(slots=True, kw_only=True)
class Wakes:
    planners: tuple[Signal, ...] = ()
    completers: tuple[Signal, ...] = ()
    dispatcher: Signal = field(default_factory=Signal)
    repeats: Signal = field(default_factory=Signal)
    announcer: Signal = field(default_factory=Signal)
    deliveries: Signal = field(default_factory=Signal)
    purge: Signal = field(default_factory=Signal)
    ended: asyncio.Event = field(default_factory=asyncio.Event)  # some request, perhaps
    news: Signal = field(default_factory=Signal)  # there is something to tell others
    are_heard: bool = False  # what other processes tell comes at once: jobs need not look all the time
    _untold: set[Work] = field(default_factory=set)

    def call(self, *works: Work) -> None:
        """Here, and soon in every other process."""
        self.called(works)
        self._untold.update(works)
        self.news.set_within(TELL_SECONDS)

    def called(self, works: Iterable[Work]) -> None:
        """Here alone: somebody else has told it."""
        for work in works:
            for signal in self._signals(work):
                signal.set()

    def take_untold(self) -> frozenset[Work]:
        untold = frozenset(self._untold)
        self._untold.clear()
        return untold

    def _signals(self, work: Work) -> tuple[Signal | asyncio.Event, ...]:
        return {
            Work.PLAN: self.planners,
            Work.DISPATCH: (self.dispatcher,),
            Work.REPEATS: (self.repeats,),
            Work.COMPLETE: self.completers,
            Work.ANNOUNCE: (self.announcer, self.ended),
            Work.DELIVER: (self.deliveries,),
            Work.PURGE: (self.purge,),
        }[work]
