"""Refuses the uploads of a tenant that has as many images open as one may have.

The status service counts them, and writes to the store who that is. A task of its own reads it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from shared.contract.full_tenants import FullTenants
from shared.full_tenants import read_full_tenants
from shared.observing.contact import Contact
from shared.outcomes import Away
from shared.store import Missing, Refused, Store
from shared.waits import wait_for_beat
from shared.web.problems import Problem, too_many

LOOK_EVERY_SECONDS = 2.0
FULL_RETRY_SECONDS = 60


@dataclass(slots=True)
class TenantShares:
    store: Store
    _contact: Contact = field(default_factory=lambda: Contact(work="shares"))
    _full: frozenset[str] = frozenset()

    async def watch(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            await self.look()
            await wait_for_beat(stopping, LOOK_EVERY_SECONDS)

    async def look(self) -> None:
        """Nobody is refused for what cannot be read: status holds csv.accepted where it is too much."""
        self._full = frozenset(await self._said())

    async def _said(self) -> Sequence[str]:
        try:
            said = await read_full_tenants(self.store)
        except Away as error:
            self._contact.away(error)
            return ()
        except Refused as error:
            self._contact.lost(dependency="store", answer="refused", reason=str(error))
            return ()
        except Missing:
            said = FullTenants()
        self._contact.found()
        return said.tenants

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
