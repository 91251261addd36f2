"""How long status does not look for results while only large requests wait for some: one look then brings
many. It knows no broker.
"""

import asyncio
from collections.abc import Sequence

from services.status.images.dispatching.dispatch_memory import OpenRequest
from services.status.images.settling.gathering import FEW_SECONDS, GATHER_SECONDS, SMALL_IMAGES
from shared.waits import wait_for

LOOK_SECONDS = 0.25
LAST_IMAGES = 8  # of a request: nobody rests for these
RESTED_SHARE = 0.3  # more than the quarter of what is out for which results wait: one look is enough
ROUND_SECONDS = 0.1  # at most, from the end of a rest until the places of what it brought are given away


def rest_seconds(requests: Sequence[OpenRequest], usual_seconds: float) -> float:
    """How long, by all open requests (pure). In half of the time that an image is out half of all images come
    back, whatever the pace is, and by then others must be out in their places. Where images are out for short
    it is a fixed share of that time. While a request waits for its last images or for its first place nobody
    rests; while one is small, for no longer than its results wait for each other.
    """
    if not requests or any(map(_waits_for_its_first, requests)):
        return 0.0
    fewest = min(each.in_flight + each.fresh + each.due for each in requests)
    if fewest <= LAST_IMAGES:
        return 0.0
    most = FEW_SECONDS if fewest <= SMALL_IMAGES else GATHER_SECONDS
    return min(most, max(usual_seconds * RESTED_SHARE, usual_seconds / 2 - ROUND_SECONDS))


def look_seconds(rest_seconds: float) -> float:
    """After which the dispatcher looks without a call (pure): for images that are due again, and for results
    that another process has settled. Where looks for results rest, what they bring calls it.
    """
    return LOOK_SECONDS if rest_seconds <= 0 else max(LOOK_SECONDS, rest_seconds + ROUND_SECONDS)


def _waits_for_its_first(request: OpenRequest) -> bool:
    """One of which all has come back at once goes on in its turn."""
    return request.in_flight == 0 and request.ended == 0


class Resting:
    """Told by the dispatcher, which sees all open requests; in a process that does not lead nobody rests."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._over = asyncio.Event()

    def rest_for(self, seconds: float) -> None:
        """Between two looks, from now on. Where nobody is to rest any more, whoever rests goes on at once."""
        self.seconds = seconds
        if seconds > 0:
            self._over.clear()
        else:
            self._over.set()

    async def rest(self) -> None:
        if self.seconds > 0:
            await wait_for(self._over, self.seconds)
