"""Tells ingest, by a file in the store, whose uploads must wait. A process that sees a change writes it."""

import asyncio
from dataclasses import dataclass

from pydantic import ValidationError

from services.status.requests.intake_limit import Intake
from shared.contract.full_tenants import FullTenants
from shared.contract.keys import FULL_TENANTS_KEY
from shared.observing.logs import Action, log
from shared.observing.metrics import TENANTS_FULL
from shared.store import Missing, Store

LOOK_SECONDS = 1.0


@dataclass(slots=True)
class FullTenantsFile:
    store: Store
    intake: Intake
    _written: frozenset[str] | None = None

    async def step(self, _: asyncio.Event) -> bool:
        full = self.intake.full_tenants()
        if full is None:
            return False
        if self._written is None:
            self._written = await self._read()
        if full != self._written:
            await self.store.put(FULL_TENANTS_KEY, FullTenants(tenants=tuple(sorted(full))).to_json())
            log.warning(Action.TENANTS_FULL, tenants=sorted(full))
            self._written = full
        TENANTS_FULL.set(len(full))
        return False

    async def _read(self) -> frozenset[str]:
        """What a former process has left there."""
        try:
            said = FullTenants.model_validate_json(await self.store.get(FULL_TENANTS_KEY))
        except (Missing, ValidationError):
            return frozenset()
        return frozenset(said.tenants)
