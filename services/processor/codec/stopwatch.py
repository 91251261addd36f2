"""How long the parts of a piece of work took together."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(slots=True)
class Stopwatch:
    _seconds: float = 0.0

    @property
    def milliseconds(self) -> float:
        return round(self._seconds * 1000, 2)

    @contextmanager
    def running(self) -> Iterator[None]:
        since = time.perf_counter()
        try:
            yield
        finally:
            self.add(time.perf_counter() - since)

    def add(self, seconds: float) -> None:
        """What was measured elsewhere."""
        self._seconds += seconds
