"""Finds a request for its owner, also in the moment before Postgres knows it: `GET` right after `POST`
never answers 404. Every other tenant's request, and every deleted one, is unknown.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import ValidationError

from services.status.reading.reader import Reader
from services.status.records.request import RequestRecord, request_from_event
from shared.clock import utc_now
from shared.contract.events import CsvAccepted
from shared.contract.keys import request_key
from shared.outcomes import Away
from shared.store import Missing, Refused, Store
from shared.web.problems import request_not_found

FALLBACK_AGE = timedelta(hours=1)
FALLBACK_SECONDS = 1.5
_CANONICAL_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_VERSION_WITH_TIME = 7


@dataclass(frozen=True, slots=True)
class Lookup:
    """Raises the 404 problem for whatever the tenant may not see."""

    reader: Reader
    store: Store
    now: Callable[[], datetime] = utc_now

    async def find(self, tenant: str, text: str) -> RequestRecord:
        request_id = parse_request_id(text)
        if request_id is None:
            raise request_not_found()
        record = await self.reader.request(request_id)
        if record is None:
            return await self._find_in_store(tenant, request_id)
        if record.deleted or record.tenant != tenant:
            raise request_not_found()
        return record

    async def _find_in_store(self, tenant: str, request_id: UUID) -> RequestRecord:
        if not is_young(request_id, self.now()):
            raise request_not_found()
        try:
            async with asyncio.timeout(FALLBACK_SECONDS):
                event = CsvAccepted.parse(await self.store.get(request_key(request_id)))
        except (Missing, Refused, ValidationError) as error:
            raise request_not_found() from error
        except TimeoutError as error:
            raise Away("store", "it did not answer in time") from error
        if event.tenant != tenant or event.request_id != request_id:
            raise request_not_found()
        return request_from_event(event)


def parse_request_id(text: str) -> UUID | None:
    """Only the canonical form is an id; whatever else is simply unknown."""
    return UUID(text) if _CANONICAL_UUID.fullmatch(text) else None


def is_young(request_id: UUID, now: datetime) -> bool:
    """Whether the id's own time lies within the hour; ids without a time are old."""
    if request_id.version != _VERSION_WITH_TIME:
        return False
    age_seconds = now.timestamp() - (request_id.int >> 80) / 1000
    return abs(age_seconds) < FALLBACK_AGE.total_seconds()
