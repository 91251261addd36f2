"""What a member tells the broker to be done: now and then, before it loses its partitions, and at its end.

After a while it tells again where it stands, though nothing is new.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.consuming.broker import CommitRefused, Consumer, Partition
from shared.consuming.member.progress import Progress
from shared.consuming.work import TakenWork
from shared.observing.logs import Action, log
from shared.outcomes import Away

COMMIT_EVERY_SECONDS = 0.5
COMMIT_AGAIN_SECONDS = 30.0  # though nothing is new: a broker that lost the end of its log has forgotten it
NOWHERE: Mapping[Partition, int] = MappingProxyType({})


@dataclass(slots=True, kw_only=True)
class Commits:
    group: str
    work: TakenWork
    progress: Progress
    clock: Callable[[], float]
    lost: Callable[[Away], None]
    every_seconds: float
    _made_at: float = 0.0
    _told_all_at: float = 0.0

    def begin(self) -> None:
        """The partitions are others than before."""
        self._told_all_at = self.clock()

    def due_in_seconds(self) -> float:
        """Until the next one may be made; infinite while there is nothing new."""
        if not any(taken.prefix.committable() is not None for taken in self.work.taken.values()):
            return math.inf
        return max(0.0, self._made_at + self.every_seconds - self.clock())

    async def make_now_and_then(self, consumer: Consumer) -> None:
        now = self.clock()
        if now - self._made_at < self.every_seconds:
            return
        self._made_at = now
        if now - self._told_all_at < COMMIT_AGAIN_SECONDS:
            await self.make(consumer)
            return
        self._told_all_at = now
        await self.make(consumer, await self._at_rest(consumer))

    async def make(self, consumer: Consumer, at_rest: Mapping[Partition, int] = NOWHERE) -> None:
        prefixes = {partition: taken.prefix for partition, taken in self.work.taken.items()}
        new = {
            partition: offset
            for partition, prefix in prefixes.items()
            if (offset := prefix.committable()) is not None
        }
        offsets = {**at_rest, **new}
        if not offsets:
            return
        try:
            await consumer.commit(offsets)
        except CommitRefused as refused:
            self.progress.answered("commit")
            log.info(Action.COMMIT_REFUSED, group=self.group, reason=str(refused))
        except Away as away:
            self.progress.unanswered("commit")
            self.lost(away)
        else:
            self.progress.answered("commit")
            for partition, offset in new.items():
                prefixes[partition].committed(offset)

    async def _at_rest(self, consumer: Consumer) -> Mapping[Partition, int]:
        """Where the partitions stand of which nothing is under way."""
        resting = [partition for partition, taken in self.work.taken.items() if not len(taken)]
        try:
            return await consumer.positions(resting)
        except Away as away:
            self.lost(away)
            return {}
