"""The idempotency ledger: one object per tenant and key, created only if there is none.

What it keeps of an upload is enough to publish the same event again and to give the same answer again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.ingest.acceptance.accepted_upload import AcceptedUpload
from shared.contract.keys import ledger_key
from shared.store import Missing, Store
from shared.web.problems import Problem

KEPT = timedelta(days=7)  # as long as the topics keep an event: an older one must not be published again
ANOTHER_UPLOAD = "This Idempotency-Key was used with another file or other form values."


@dataclass(frozen=True, slots=True)
class Ledger:
    store: Store

    async def find(self, tenant: str, key: str, fingerprint: str, now: datetime) -> AcceptedUpload | None:
        """What was accepted under this key.

        A 422 problem when that was another upload, or one too old to be published again.
        """
        try:
            accepted = AcceptedUpload.from_json(await self.store.get(ledger_key(tenant, key)))
        except Missing:
            return None
        if accepted.fingerprint != fingerprint:
            raise misused(ANOTHER_UPLOAD)
        if now - accepted.created_at > KEPT:
            raise misused("This Idempotency-Key was used more than 7 days ago; take a new one.")
        return accepted

    async def enter(self, tenant: str, key: str, upload: AcceptedUpload, now: datetime) -> AcceptedUpload:
        """The upload that is accepted under this key: ours, or the one that somebody entered before us."""
        if await self.store.put_new(ledger_key(tenant, key), upload.to_json()):
            return upload
        return await self.find(tenant, key, upload.fingerprint, now) or upload


def misused(error: str) -> Problem:
    return Problem(422, "idempotency-key-reused", "Idempotency-Key Reused", error)
