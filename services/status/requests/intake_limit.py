"""How much accepted work is open. Above the limit csv.accepted is held: its messages wait in Kafka, where
ingest sees them and answers new uploads with 503.
"""

import asyncio
from dataclasses import dataclass

import asyncpg

from services.status.postgres.pool import connected
from services.status.postgres.statements import SQL
from shared.observing.logs import Action, log
from shared.observing.metrics import INTAKE_HELD

COUNT_SECONDS = 1.0
GO_ON_BELOW = 0.9  # of the limit: else it would be held and released with every image
IMAGES_OF_A_LARGE_REQUEST = 100_000


@dataclass(slots=True)
class Intake:
    pool: asyncpg.Pool
    most_images: int
    _open_images: int | None = None
    _added_images: int = 0  # by this process, ever
    _held: bool = False

    async def step(self, _: asyncio.Event) -> bool:
        added_before = self._added_images
        async with connected(self.pool) as connection:
            counted = await connection.fetchval(SQL["count_open_images"])
        # What came during the count may be in it or not: better to count it twice than not at all.
        self._set(counted + self._added_images - added_before)
        return False

    def add(self, images: int) -> None:
        """Accepted now: the limit holds between two counts too."""
        self._added_images += images
        if self._open_images is not None:
            self._set(self._open_images + images)

    def admits(self) -> int:
        """How many requests may be accepted in one go: as many as fit even if all of them are large."""
        if self._held or self._open_images is None:
            return 0
        return max(1, (self.most_images - self._open_images) // IMAGES_OF_A_LARGE_REQUEST)

    def _set(self, open_images: int) -> None:
        self._open_images = open_images
        limit = self.most_images * (GO_ON_BELOW if self._held else 1)
        held = open_images >= limit
        if held != self._held:
            log.warning(Action.INTAKE_HELD if held else Action.INTAKE_GOES_ON, open_images=open_images)
        self._held = held
        INTAKE_HELD.set(held)
