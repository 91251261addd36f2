"""The finished prefix of one partition: which offset may be committed while work ends out of order (pure)."""

from collections import deque
from dataclasses import dataclass, field


@dataclass(slots=True)
class FinishedPrefix:
    """Offsets are begun in order and finished in any order; only the prefix without a gap is committable."""

    _begun: deque[int] = field(default_factory=deque)
    _finished: set[int] = field(default_factory=set)
    _next: int | None = None
    _committed: int | None = None

    def begin(self, offset: int) -> None:
        if self.is_behind(offset):
            raise ValueError(f"offset {offset} begun after {self._begun[-1]}")
        self._begun.append(offset)

    def is_behind(self, offset: int) -> bool:
        """Whether this was begun before, and what was begun is not all finished."""
        return bool(self._begun) and offset <= self._begun[-1]

    def finish(self, offset: int) -> None:
        self._finished.add(offset)
        while self._begun and self._begun[0] in self._finished:
            first = self._begun.popleft()
            self._finished.discard(first)
            self._next = first + 1

    def committable(self) -> int | None:
        """The next offset to read after a restart, or None when there is nothing new to commit."""
        return None if self._next == self._committed else self._next

    def committed(self, offset: int) -> None:
        self._committed = offset
