"""How long the parts of a piece of work took together."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType


@dataclass(slots=True)
class Stopwatch:
    """Runs while it is entered: `with stopwatch:`."""

    clock: Callable[[], float] = time.perf_counter
    _seconds: float = 0.0
    _since: float = 0.0

    @property
    def milliseconds(self) -> float:
        return round(self._seconds * 1000, 2)

    def __enter__(self) -> None:
        self._since = self.clock()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.add(self.clock() - self._since)

    def add(self, seconds: float) -> None:
        """What was measured elsewhere."""
        self._seconds += seconds
