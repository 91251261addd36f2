"""Decides how long results wait for each other before one transaction settles them (pure).

Of a large request nobody waits for a single result, and a transaction takes as long for one as for many. What
is new is settled at once, and so is the last of what is small or nearly done; but a crowd of requests waits
for each other anyway.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

GATHER_SECONDS = 0.75
SMALL_IMAGES = 32  # a request that has no more left waits a moment, and not with its last
FEW_SECONDS = 0.05
SHARE_OF_IN_FLIGHT = 4  # once a quarter of what is out has come back, its places are worth more
CROWD_REQUESTS = 64  # open at a time: what one of them waits for is the others
CROWD_SECONDS = 0.1
REMEMBERED_REQUESTS = 10_000


class _Left(NamedTuple):
    in_flight: int
    images: int


@dataclass(slots=True)
class Gathering:
    """What this process knows of the requests whose results it settles, and whether anybody is in a hurry."""

    is_hurried: bool = False  # somebody small waits for a place
    is_crowded: bool = False
    _left: dict[bytes, _Left] = field(default_factory=dict)  # by the key of its results; heard of last, last

    def see(self, *, open_requests: int, waiting_requests: int) -> None:
        """From a look at all of them; whoever waits has nothing out and got no place."""
        self.is_crowded = open_requests >= CROWD_REQUESTS
        self.is_hurried = waiting_requests > 0

    def learn(self, request_id: UUID, *, in_flight: int, came: int, left: int) -> None:
        """After so many results: their places are given away again before others come back."""
        key = str(request_id).encode()
        self._left.pop(key, None)
        if left > 0:
            self._left[key] = _Left(min(in_flight + came, left), left)
        if len(self._left) > REMEMBERED_REQUESTS:
            del self._left[next(iter(self._left))]

    def seconds(self, keys: Iterable[bytes | None]) -> float:
        """How long after one batch of results the next may begin; `keys` has the key of each that waits."""
        if self.is_crowded:
            return CROWD_SECONDS
        waiting = Counter(keys)
        known = [(self._left[key], count) for key, count in waiting.items() if key in self._left]
        if self.is_hurried or len(known) < len(waiting):
            return 0.0
        if any(each.images <= count for each, count in known):
            return 0.0
        in_flight = sum(each.in_flight for each, _ in known)
        if waiting.total() * SHARE_OF_IN_FLIGHT >= in_flight:
            return 0.0
        return FEW_SECONDS if any(each.images <= SMALL_IMAGES for each, _ in known) else GATHER_SECONDS
