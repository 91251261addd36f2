"""How long status does not look for results while only large requests wait for some: one look then brings
many. It knows no broker.
"""

import asyncio
from collections.abc import Sequence

from services.status.images.dispatch_memory import OpenRequest
from services.status.images.gathering import GATHER_SECONDS, SHARE_OF_IN_FLIGHT, SMALL_IMAGES
from shared.waits import wait_for


def rest_seconds(requests: Sequence[OpenRequest], usual_seconds: float) -> float:
    """From all open requests (pure). In a quarter of the time that images are out a quarter of them comes
    back, whatever the pace. While one request is small, or waits for its first place, nobody rests.
    """
    if not requests or any(map(_is_hurried, requests)):
        return 0.0
    return min(GATHER_SECONDS, usual_seconds / SHARE_OF_IN_FLIGHT)


def _is_hurried(request: OpenRequest) -> bool:
    return request.in_flight == 0 or request.in_flight + request.fresh + request.due <= SMALL_IMAGES


class Resting:
    """Told by the dispatcher, which sees all open requests; in a process that does not lead nobody rests."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._over = asyncio.Event()

    def rest_for(self, seconds: float) -> None:
        """Between two looks, from now on. Where nobody is to rest any more, whoever rests goes on at once."""
        self._seconds = seconds
        if seconds > 0:
            self._over.clear()
        else:
            self._over.set()

    async def rest(self) -> None:
        if self._seconds > 0:
            await wait_for(self._over, self._seconds)
