"""Tells ingest, by a file in the store, whose uploads must wait. Every process compares the file with what it
counts itself, whoever wrote it: none can leave something behind that the others would not take back.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from services.status.jobs.throttle import Throttle
from services.status.requests.intake_limit import Intake
from shared.contract.full_tenants import FullTenants
from shared.contract.keys import FULL_TENANTS_KEY
from shared.full_tenants import read_full_tenants
from shared.observing.logs import Action, log
from shared.observing.metrics import TENANTS_FULL
from shared.outcomes import Away
from shared.store import Missing, Refused, Store

LOOK_SECONDS = 2.0  # as often as ingest looks
REST_SECONDS = 10.0  # while nobody has a share: until it is seen what another process left there


@dataclass(slots=True)
class FullTenantsFile:
    store: Store
    intake: Intake
    clock: Callable[[], float] = time.monotonic
    _said: frozenset[str] | None = None  # in the file; None where nobody can read it
    _resting: Throttle = field(default_factory=partial(Throttle, REST_SECONDS))

    async def step(self, _: asyncio.Event) -> bool:
        if not self.intake.is_counted:
            return False
        now = self.clock()
        if self._resting.rests(now) and self._said == self.intake.full_tenants(frozenset()) == frozenset():
            return False
        self._resting.rest(now)
        await self._read()
        full = self.intake.full_tenants(self._said or frozenset())
        if full != self._said:
            await self.store.put(FULL_TENANTS_KEY, FullTenants(tenants=tuple(sorted(full))).to_json())
            log.warning(Action.TENANTS_FULL, tenants=sorted(full))
            self._said = full
        TENANTS_FULL.set(len(full))
        return False

    async def _read(self) -> None:
        try:
            said = await read_full_tenants(self.store)
        except Missing:
            self._said = frozenset()
        except Refused:
            self._said = None
        except Away:
            return  # or sealed by a key that is gone: then nothing was read yet, and it is written anew
        else:
            self._said = frozenset(said.tenants)
