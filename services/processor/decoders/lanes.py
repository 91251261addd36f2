"""Whose turn is next (pure). Small images and large ones wait in lanes of their own, and while both wait each
lane gets as much of the decoders' time as the other: neither kind keeps the other waiting. Behind small
ones a large one holds back for a moment, for they come few at a time.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

GIVES_WAY_FOR = 0.2  # of the time that its decoding takes

Waiting = TypeVar("Waiting")


@dataclass(slots=True)
class _Lane(Generic[Waiting]):
    queue: deque[tuple[int, Waiting]] = field(default_factory=deque)
    seconds_served: float = 0


class Lanes(Generic[Waiting]):
    """First come, first served within a lane."""

    def __init__(self, small_pixels: int, seconds_of: Callable[[int], float]) -> None:
        self._small_pixels = small_pixels
        self._seconds_of = seconds_of  # what so many pixels take, as far as is known
        self._small: _Lane[Waiting] = _Lane()
        self._large: _Lane[Waiting] = _Lane()
        self._served_now = 0.0  # where the lane stood that was served last
        self._small_was_last = False

    def __bool__(self) -> bool:
        return bool(self._small.queue or self._large.queue)

    def add(self, pixels: int, waiting: Waiting) -> None:
        self._entered(pixels).queue.append((pixels, waiting))

    def pass_by(self, pixels: int) -> None:
        """One that need not wait counts, too."""
        self._charge(self._entered(pixels), pixels)

    def first(self) -> Waiting:
        return self._next().queue[0][1]

    def first_gives_way(self) -> float:
        """For how many seconds: a large one does after a small one, as long as its lane had more than the
        other. Of whoever has small images the next ones are on their way, and it would hold them up for long.
        """
        if self._next() is self._small or not self._small_was_last:
            return 0.0
        if self._small.seconds_served >= self._large.seconds_served:
            return 0.0
        return GIVES_WAY_FOR * self._seconds_of(self._large.queue[0][0])

    def gave_way(self, seconds: float) -> None:
        """In vain: no small one came. Their lane had this time."""
        self._small.seconds_served += seconds
        self._small_was_last = False

    def serve(self) -> None:
        """The first one gets its turn."""
        lane = self._next()
        pixels, _ = lane.queue.popleft()
        self._charge(lane, pixels)

    def drop(self) -> None:
        """The first one has given up."""
        self._next().queue.popleft()

    def _entered(self, pixels: int) -> _Lane[Waiting]:
        lane = self._small if pixels <= self._small_pixels else self._large
        if not lane.queue:  # a lane saves nothing up while nobody waits in it
            lane.seconds_served = max(lane.seconds_served, self._served_now)
        return lane

    def _charge(self, lane: _Lane[Waiting], pixels: int) -> None:
        self._small_was_last = lane is self._small
        self._served_now = lane.seconds_served
        lane.seconds_served += self._seconds_of(pixels)

    def _next(self) -> _Lane[Waiting]:
        lanes = [lane for lane in (self._small, self._large) if lane.queue]
        return min(lanes, key=lambda lane: lane.seconds_served)
