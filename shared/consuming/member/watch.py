"""Looks at a member's consumer from beside its polls: how far behind it is, and when it must go. It polls
nothing and commits nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass

from shared.consuming.broker import Consumer, Membership
from shared.consuming.member.attendance import Attendance
from shared.consuming.member.progress import Progress
from shared.consuming.work import TakenWork
from shared.observing.logs import Action, log
from shared.observing.metrics import CONSUMER_LAG
from shared.outcomes import Away
from shared.waits import sleep_to_beat

LAG_CHECK_SECONDS = 5.0


@dataclass(slots=True, kw_only=True)
class Watch:
    membership: Membership
    work: TakenWork
    progress: Progress
    attendance: Attendance
    has_partitions: Callable[[], bool]  # not so in a rebalance
    lost: Callable[[Away], None]
    found: Callable[[], None]

    async def until_replaced(self, consumer: Consumer) -> None:
        """Returns when the consumer must go: it sits still, as the library can without an error, or its
        member is absent from now on.
        """
        while True:
            await sleep_to_beat(LAG_CHECK_SECONDS)
            if self.attendance.should_leave() and await self._may_go():
                self.attendance.is_absent = True
                return
            if self._is_excused(await self._measure_lag(consumer)):
                self.progress.fed()
            if self.progress.is_stalled:
                log.error(Action.CONSUMER_STALLED, group=self.membership.group)
                return

    async def _may_go(self) -> bool:
        try:
            return await self.has_others(with_us=True)
        finally:
            self.attendance.stays()

    async def has_others(self, *, with_us: bool) -> bool:
        """Whether anybody would take our partitions, or has them while we are no member yet."""
        try:
            return await self.membership.count_members() > with_us
        except Away:
            return False

    async def _measure_lag(self, consumer: Consumer) -> int | None:
        """None when the broker does not say, or no partition is ours."""
        if not self.has_partitions():
            return None
        try:
            lag = await consumer.lag()
        except Away as away:
            self.progress.unanswered("lag")
            self.lost(away)
            return None
        self.progress.answered("lag")
        CONSUMER_LAG.labels(self.membership.group).set(lag + self.work.under_way())
        if self.has_partitions():
            self.found()
        return lag

    def _is_excused(self, lag: int | None) -> bool:
        """Whether there is a good reason why nothing comes."""
        if not self.has_partitions():
            return False
        containment = self.work.containment
        if self.work.room() <= 0 or containment.outages.waiting:
            return True
        if not containment.pause.gate.is_set():
            return True
        return not lag
