"""Counts the open images, and holds csv.accepted above a limit: its messages wait in Kafka, where ingest sees
them and answers new uploads with 503. Of one tenant no more than its share counts, so that none holds up the
others by itself.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import asyncpg

from services.status.jobs.throttle import Throttle
from services.status.postgres.pool import connected
from services.status.postgres.statements import SQL
from shared.observing.logs import Action, log
from shared.observing.metrics import INTAKE_HELD

COUNT_SECONDS = 1.0
REST_SECONDS = 5.0  # while nothing is open: until it is known what other processes accepted
GO_ON_BELOW = 0.9  # of the limit: else it would be held and released with every image
IMAGES_OF_A_LARGE_REQUEST = 100_000


@dataclass(slots=True, kw_only=True)
class Intake:
    pool: asyncpg.Pool
    most_images: int
    tenant_share: float  # of these
    clock: Callable[[], float] = time.monotonic
    _open_images: Counter[str] | None = None  # by tenant
    _added: Counter[str] = field(default_factory=Counter)  # by this process, since the last count began
    _held: bool = False
    _resting: Throttle = field(default_factory=partial(Throttle, REST_SECONDS))

    async def step(self, _: asyncio.Event) -> bool:
        now = self.clock()
        if self._resting.rests(now) and not self._open_images:
            return False
        added = self._added = Counter()
        async with connected(self.pool) as connection:
            counted = await connection.fetch(SQL["images_left"])
        # What came during the count may be in it or not: better to count it twice than not at all.
        self._set(Counter({row["tenant"]: row["images"] for row in counted}) + added)
        self._resting.rest(now)
        return False

    def add(self, images: Mapping[str, int]) -> None:
        """Accepted now, by tenant: the limit holds between two counts too."""
        self._added.update(images)
        if self._open_images is not None:
            self._set(self._open_images + Counter(images))

    def admits(self) -> int:
        """How many requests may be accepted in one go: as many as fit even if all of them are large."""
        if self._held or not self.is_counted:
            return 0
        return max(1, int(self.most_images - self._counting_images()) // IMAGES_OF_A_LARGE_REQUEST)

    def images_left(self) -> Mapping[str, int]:
        """By tenant, as they were counted last."""
        return self._open_images or {}

    @property
    def is_counted(self) -> bool:
        return self._open_images is not None

    def full_tenants(self, said: frozenset[str]) -> frozenset[str]:
        """Who has a tenant's share of what may be open. Of whom that was said before has it for longer."""
        return frozenset(
            tenant
            for tenant, images in self.images_left().items()
            if images >= self._share_images() * (GO_ON_BELOW if tenant in said else 1)
        )

    def _counting_images(self) -> float:
        return sum(min(images, self._share_images()) for images in self.images_left().values())

    def _share_images(self) -> float:
        return self.most_images * self.tenant_share

    def _set(self, open_images: Counter[str]) -> None:
        self._open_images = open_images
        images = self._counting_images()
        held = images >= self.most_images * (GO_ON_BELOW if self._held else 1)
        if held != self._held:
            log.warning(Action.INTAKE_HELD if held else Action.INTAKE_GOES_ON, open_images=int(images))
        self._held = held
        INTAKE_HELD.set(held)
