"""Whose turn is next (pure). Small images and large ones wait in lanes of their own, and while both wait each
lane gets as many pixels as the other: neither kind keeps the other waiting.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Waiting = TypeVar("Waiting")


@dataclass(slots=True)
class _Lane(Generic[Waiting]):
    queue: deque[tuple[int, Waiting]] = field(default_factory=deque)
    pixels_served: int = 0


class Lanes(Generic[Waiting]):
    """First come, first served within a lane."""

    def __init__(self, small_pixels: int) -> None:
        self._small_pixels = small_pixels
        self._small: _Lane[Waiting] = _Lane()
        self._large: _Lane[Waiting] = _Lane()
        self._served_now = 0  # where the lane stood that was served last

    def __bool__(self) -> bool:
        return bool(self._small.queue or self._large.queue)

    def add(self, pixels: int, waiting: Waiting) -> None:
        lane = self._small if pixels <= self._small_pixels else self._large
        if not lane.queue:  # a lane saves nothing up while nobody waits in it
            lane.pixels_served = max(lane.pixels_served, self._served_now)
        lane.queue.append((pixels, waiting))

    def first(self) -> Waiting:
        return self._next().queue[0][1]

    def serve(self) -> None:
        """The first one gets its turn."""
        lane = self._next()
        pixels, _ = lane.queue.popleft()
        self._served_now = lane.pixels_served
        lane.pixels_served += pixels

    def drop(self) -> None:
        """The first one has given up."""
        self._next().queue.popleft()

    def _next(self) -> _Lane[Waiting]:
        lanes = [lane for lane in (self._small, self._large) if lane.queue]
        return min(lanes, key=lambda lane: lane.pixels_served)
