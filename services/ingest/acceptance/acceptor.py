"""Makes an upload durable and announces it: source, rows, request.json, then the ledger, then csv.accepted.

Whoever finds a ledger entry publishes its event again and awaits an acknowledgement of its own. So a kill
between any two steps leaves either nothing that a caller knows of, or what a repeat of the call completes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.ingest.acceptance.accepted_upload import AcceptedUpload
from services.ingest.acceptance.files import forget_files, store_files
from services.ingest.acceptance.ledger import Ledger
from services.ingest.acceptance.store_step import store_step
from services.ingest.acceptance.upload import Upload
from shared.consuming.handling import Outgoing
from shared.contract.events import CsvAccepted
from shared.contract.keys import rows_key, source_key
from shared.contract.targets import TargetKeyring, shown
from shared.outcomes import Away
from shared.store import Refused, Store
from shared.web.problems import Problem, away


class Publisher(Protocol):
    """What accepting needs of the broker."""

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Returns when every message is acknowledged; `Away` when the broker cannot be reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptor:
    """Accepts uploads with these ports. Every method raises `Away` when one of them cannot be reached."""

    store: Store
    producer: Publisher
    keyring: TargetKeyring
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]

    async def find(self, tenant: str, idempotency_key: str, fingerprint: str) -> AcceptedUpload | None:
        """What an earlier call with this key accepted, if there was one."""
        async with store_step():
            return await Ledger(self.store).find(tenant, idempotency_key, fingerprint, self.now())

    async def accept(self, upload: Upload, tenant: str, idempotency_key: str | None) -> AcceptedUpload:
        """Returns once the request is sure to run."""
        accepted = self._accepted(upload, tenant)
        await self._store_files(upload, accepted)
        if idempotency_key is not None:
            accepted = await self._enter(tenant, idempotency_key, accepted)
        await self.announce(accepted)
        return accepted

    async def announce(self, accepted: AcceptedUpload) -> None:
        await self.producer.publish([accepted.outgoing()])

    async def _store_files(self, upload: Upload, accepted: AcceptedUpload) -> None:
        try:
            await store_files(self.store, accepted, upload.form.file, upload.csv.rows)
        except (Away, Refused):
            await forget_files(self.store, accepted.event)  # a full store is not filled with orphans
            raise

    async def _enter(self, tenant: str, idempotency_key: str, ours: AcceptedUpload) -> AcceptedUpload:
        try:
            async with store_step():
                entered = await Ledger(self.store).enter(tenant, idempotency_key, ours, self.now())
        except Problem:  # somebody else was faster, with another upload
            await forget_files(self.store, ours.event)
            raise
        if entered is not ours:
            await forget_files(self.store, ours.event)
        return entered

    def _accepted(self, upload: Upload, tenant: str) -> AcceptedUpload:
        event = self._event(upload, tenant)
        url = upload.options.webhook_url
        return AcceptedUpload(
            fingerprint=upload.fingerprint,
            created_at=event.created_at,
            event=event,
            event_bytes=event.value(),
            sealed_target=None if url is None else self.keyring.seal(url),
            traceparent=upload.traceparent,
            warnings=upload.warnings,
        )

    def _event(self, upload: Upload, tenant: str) -> CsvAccepted:
        request_id = self.new_id()
        form, options, csv = upload.form, upload.options, upload.csv
        return CsvAccepted(
            request_id=request_id,
            tenant=tenant,
            created_at=self.now(),
            filename=form.filename,
            source_key=source_key(request_id),
            source_bytes=form.file_bytes,
            source_sha256=form.file_sha256,
            rows_key=rows_key(request_id),
            columns=csv.header.columns,
            products=csv.products,
            images=csv.images,
            skipped_rows=upload.skipped_rows,
            quality=options.quality,
            format=options.format,
            priority=options.priority,
            webhook_url=None if options.webhook_url is None else shown(options.webhook_url),
        )


def outcome_unknown(error: Away) -> Problem:
    """Nobody knows whether the request will run. With a key a repeat is safe."""
    return away(error, "repeat the upload with the same Idempotency-Key")
