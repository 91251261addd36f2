"""The idempotency ledger: one object per tenant and key, created only if absent.

An entry holds all that is needed to publish the same event again and to give the same answer again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict

from services.ingest.csv_file.verdicts import UploadWarning
from shared.consuming.handling import Outgoing
from shared.contract.events import TARGET_HEADER, CsvAccepted
from shared.contract.keys import ledger_key
from shared.contract.trace_context import trace_headers
from shared.store import Missing, Store
from shared.web.problems import Problem

KEPT = timedelta(days=7)  # as long as the topics keep an event: what is older must not be published again
MAX_KEY_CHARACTERS = 255
KEY_PATTERN = "^[!-~]([ -~]*[!-~])?$"


class AcceptedUpload(BaseModel):
    """One accepted upload: its event, byte for byte, and what its answer says besides."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    fingerprint: str
    created_at: AwareDatetime
    event: str
    sealed_target: str | None = None
    traceparent: str | None = None
    warnings: tuple[UploadWarning, ...] = ()

    def accepted(self) -> CsvAccepted:
        return CsvAccepted.parse(self.event.encode())

    def outgoing(self) -> Outgoing:
        """Always with the same event id and the same bytes."""
        target = {} if self.sealed_target is None else {TARGET_HEADER: self.sealed_target}
        headers = target | trace_headers(self.traceparent)
        return Outgoing(self.accepted(), self.created_at, headers, self.event.encode())


@dataclass(frozen=True, slots=True)
class Ledger:
    store: Store

    async def find(self, tenant: str, key: str, fingerprint: str, now: datetime) -> AcceptedUpload | None:
        """The entry of this key; a 422 problem when it is of another upload or too old to stand for one."""
        try:
            entry = AcceptedUpload.model_validate_json(await self.store.get(ledger_key(tenant, key)))
        except Missing:
            return None
        if entry.fingerprint != fingerprint:
            raise misused("This Idempotency-Key was used with another file or other form values.")
        if now - entry.created_at > KEPT:
            raise misused("This Idempotency-Key was used more than 7 days ago; take a new one.")
        return entry

    async def enter(self, tenant: str, key: str, entry: AcceptedUpload, now: datetime) -> AcceptedUpload:
        """The entry that stands: ours, or the one that somebody else was faster to make."""
        if await self.store.put_new(ledger_key(tenant, key), entry.model_dump_json().encode()):
            return entry
        return await self.find(tenant, key, entry.fingerprint, now) or entry


def require_key(headers: Sequence[str]) -> str | None:
    """The Idempotency-Key as sent; a 400 problem for one that cannot be meant, and for two."""
    if not headers:
        return None
    key = headers[0].strip()
    if len(headers) > 1 or not re.fullmatch(KEY_PATTERN, key) or len(key) > MAX_KEY_CHARACTERS:
        raise invalid_key()
    return key


def invalid_key() -> Problem:
    error = f"There may be one Idempotency-Key, of 1 to {MAX_KEY_CHARACTERS} printable ASCII characters."
    return Problem(400, "invalid-idempotency-key", "Invalid Idempotency-Key", error)


def misused(error: str) -> Problem:
    return Problem(422, "idempotency-key-reused", "Idempotency-Key Reused", error)
