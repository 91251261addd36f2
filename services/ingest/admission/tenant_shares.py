"""Refuses the uploads of a tenant that has as many images open as one may have.

The status service counts them, and writes to the store who that is. A task of its own reads it.
"""

import asyncio
from dataclasses import dataclass

from pydantic import ValidationError

from shared.contract.full_tenants import FullTenants
from shared.contract.keys import FULL_TENANTS_KEY
from shared.outcomes import Away
from shared.store import Missing, Refused, Store
from shared.waits import wait_for_beat
from shared.web.problems import Problem, too_many

LOOK_EVERY_SECONDS = 2.0
FULL_RETRY_SECONDS = 60


@dataclass(slots=True)
class TenantShares:
    store: Store
    _full: frozenset[str] = frozenset()

    async def watch(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            await self.look()
            await wait_for_beat(stopping, LOOK_EVERY_SECONDS)

    async def look(self) -> None:
        """Nobody is refused for what cannot be read: status holds csv.accepted where it is too much."""
        try:
            said = FullTenants.model_validate_json(await self.store.get(FULL_TENANTS_KEY))
        except (Missing, Away, Refused, ValidationError):
            said = FullTenants()
        self._full = frozenset(said.tenants)

    def require_share(self, tenant: str) -> None:
        """A 429 problem while the tenant has its share."""
        if tenant in self._full:
            raise too_many_images()


def too_many_images() -> Problem:
    error = (
        "As many images of yours are open as one may have; nothing was accepted."
        " Try again when some of them are done."
    )
    return too_many(error, FULL_RETRY_SECONDS, "too-many-images")
