"""Which messages of one partition are taken and not settled yet, and since when. It knows no broker."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shared.consuming.broker import Record
from shared.consuming.offsets import FinishedPrefix


@dataclass(slots=True)
class TakenPartition:
    """Records are taken in order and settled in any order."""

    clock: Callable[[], float]
    prefix: FinishedPrefix = field(default_factory=FinishedPrefix)
    held_bytes: int = 0
    _taken_at: dict[int, float] = field(default_factory=dict)  # by offset, oldest first

    def take(self, records: Sequence[Record]) -> None:
        for record in records:
            self.prefix.begin(record.offset)
            self._taken_at[record.offset] = self.clock()
            self.held_bytes += record.size_bytes

    def goes_back(self, records: Sequence[Record]) -> bool:
        """Whether these stand where others stood that are not settled yet: the log has lost its end."""
        return self.prefix.is_behind(records[0].offset)

    def disown(self) -> None:
        """Nothing that is under way counts for the prefix any more."""
        self.prefix = FinishedPrefix()

    def settled(self, records: Sequence[Record]) -> None:
        for record in records:
            self.prefix.finish(record.offset)
            del self._taken_at[record.offset]
            self.held_bytes -= record.size_bytes

    def __len__(self) -> int:
        return len(self._taken_at)

    @property
    def oldest_seconds(self) -> float:
        """How long the oldest has been waiting; 0 when all are settled."""
        return self.clock() - next(iter(self._taken_at.values())) if self._taken_at else 0.0
