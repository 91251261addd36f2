"""Hosts that take only so many requests, on a clock that the test gives them."""

from dataclasses import dataclass
from typing import Protocol


class LimitingHost(Protocol):
    @property
    def per_second(self) -> float: ...

    def serves(self, now: float) -> bool: ...

    def retry_after(self, now: float) -> float: ...


@dataclass
class Bucket:
    """So many a second, and so many more at once after a while."""

    per_second: float
    burst: float = 5.0
    asks_for: float = 0.0
    _tokens: float = 5.0
    _at: float = 0.0

    def serves(self, now: float) -> bool:
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.per_second)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def retry_after(self, _: float) -> float:
        return self.asks_for


@dataclass
class Windows:
    """So many in each stretch of time, all at once if they come so."""

    most: int
    seconds: float
    tells: bool = False
    _window: int = -1
    _served: int = 0

    @property
    def per_second(self) -> float:
        return self.most / self.seconds

    def serves(self, now: float) -> bool:
        if int(now // self.seconds) != self._window:
            self._window, self._served = int(now // self.seconds), 0
        self._served += 1
        return self._served <= self.most

    def retry_after(self, now: float) -> float:
        return max(1.0, (self._window + 1) * self.seconds - now) if self.tells else 0.0
