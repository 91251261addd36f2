"""Makes an upload durable and announces it: source, rows, request.json, then the ledger, then csv.accepted.

Whoever finds a ledger entry publishes its event again and awaits an acknowledgement of its own, so a kill
between any two steps leaves either nothing the caller knows of, or what a repeat of the call completes.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol
from uuid import UUID

from services.ingest.acceptance.ledger import AcceptedUpload, Ledger
from services.ingest.csv_file.reader import JudgedCsv
from services.ingest.csv_file.verdicts import UploadWarning
from services.ingest.form.options import OnInvalid, Options
from services.ingest.form.parts import Form
from services.ingest.form.unknown_fields import unknown_field_warnings
from shared.consuming.handling import Outgoing
from shared.contract.events import CsvAccepted
from shared.contract.keys import request_key, rows_key, source_key
from shared.contract.targets import TargetKeyring, shown
from shared.outcomes import Away
from shared.store import Refused, Store
from shared.web.problems import Problem, unavailable

STORE_SECONDS = 8.0  # for one step: with the broker's limit, the caller hears of either within 10 s
FORGET_SECONDS = 1.0  # within those 10 s, too
CHUNK_BYTES = 1024 * 1024


class Publisher(Protocol):
    """What accepting needs of the broker."""

    async def publish(self, messages: Sequence[Outgoing]) -> None:
        """Returns when every message is acknowledged; `Away` when the broker is not."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A validated upload, its files still in our hands."""

    form: Form
    options: Options
    csv: JudgedCsv
    traceparent: str | None = None

    @property
    def _skips(self) -> bool:
        return self.options.on_invalid is OnInvalid.SKIP

    @property
    def skipped_rows(self) -> int:
        return self.csv.bad_rows if self._skips else 0

    @property
    def warnings(self) -> tuple[UploadWarning, ...]:
        of_rows = self.csv.warnings_if_skipped() if self._skips else self.csv.warnings
        return (*unknown_field_warnings(self.form.unknown_fields), *of_rows)


@dataclass(frozen=True, slots=True)
class Acceptor:
    """The ports that accepting needs. Every method raises `Away` when one of them cannot be reached."""

    store: Store
    producer: Publisher
    keyring: TargetKeyring
    now: Callable[[], datetime]
    new_id: Callable[[], UUID]

    async def find(self, tenant: str, idempotency_key: str, fingerprint: str) -> AcceptedUpload | None:
        """What an earlier call with this key accepted, if there was one."""
        async with _store_step():
            return await Ledger(self.store).find(tenant, idempotency_key, fingerprint, self.now())

    async def accept(self, upload: Upload, tenant: str, idempotency_key: str | None) -> AcceptedUpload:
        """Returns once the request is sure to run."""
        event = self._event(upload, tenant)
        entry = self._entry(upload, event)
        try:
            await self._store_files(upload, event)
        except (Away, Refused):
            await self._forget_files(event)  # a full store is not filled with what nobody knows of
            raise
        if idempotency_key is not None:
            entry = await self._enter(tenant, idempotency_key, entry)
        await self.announce(entry)
        return entry

    async def announce(self, entry: AcceptedUpload) -> None:
        await self.producer.publish([entry.outgoing()])

    def _event(self, upload: Upload, tenant: str) -> CsvAccepted:
        request_id = self.new_id()
        options, csv = upload.options, upload.csv
        return CsvAccepted(
            request_id=request_id,
            tenant=tenant,
            created_at=self.now(),
            filename=upload.form.filename,
            source_key=source_key(request_id),
            source_bytes=upload.form.file_bytes,
            source_sha256=upload.form.file_sha256,
            rows_key=rows_key(request_id),
            columns=csv.columns,
            products=csv.products,
            images=csv.images,
            skipped_rows=upload.skipped_rows,
            quality=options.quality,
            format=options.format,
            priority=options.priority,
            webhook_url=None if options.webhook_url is None else shown(options.webhook_url),
        )

    def _entry(self, upload: Upload, event: CsvAccepted) -> AcceptedUpload:
        url = upload.options.webhook_url
        return AcceptedUpload(
            fingerprint=upload.options.fingerprint(upload.form.file_sha256),
            created_at=event.created_at,
            event=event.value().decode(),
            sealed_target=None if url is None else self.keyring.seal(url),
            traceparent=upload.traceparent,
            warnings=upload.warnings,
        )

    async def _store_files(self, upload: Upload, event: CsvAccepted) -> None:
        await self._store_file(event.source_key, upload.form.file)
        await self._store_file(event.rows_key, upload.csv.rows)
        async with _store_step():
            await self.store.put(request_key(event.request_id), event.value())

    async def _store_file(self, key: str, file: BinaryIO) -> None:
        file.seek(0)
        first = await asyncio.to_thread(file.read, CHUNK_BYTES)
        if len(first) < CHUNK_BYTES:
            async with _store_step():
                await self.store.put(key, first)
            return
        await self._store_large(key, first, file)

    async def _store_large(self, key: str, first: bytes, file: BinaryIO) -> None:
        async with self.store.writer(key) as writer:
            chunk = first
            while chunk:
                async with _store_step():
                    await writer.write(chunk)
                chunk = await asyncio.to_thread(file.read, CHUNK_BYTES)

    async def _enter(self, tenant: str, idempotency_key: str, entry: AcceptedUpload) -> AcceptedUpload:
        try:
            async with _store_step():
                standing = await Ledger(self.store).enter(tenant, idempotency_key, entry, self.now())
        except Problem:  # somebody else was faster, with another upload
            await self._forget_files(entry.accepted())
            raise
        if standing is not entry:
            await self._forget_files(entry.accepted())
        return standing

    async def _forget_files(self, event: CsvAccepted) -> None:
        """Nobody knows of the id yet. What cannot be removed now is swept by the status service later."""
        with suppress(Away, Refused):
            async with _store_step(FORGET_SECONDS):
                await self.store.delete([request_key(event.request_id), event.rows_key, event.source_key])


@asynccontextmanager
async def _store_step(seconds: float = STORE_SECONDS) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise Away("store", f"no answer within {seconds:.0f} s") from error


def outcome_unknown(dependency: str) -> Problem:
    """Whether the request will run is not known; with a key a repeat is safe."""
    error = f"The {dependency} is not reachable; repeat the upload with the same Idempotency-Key."
    return unavailable(error)
