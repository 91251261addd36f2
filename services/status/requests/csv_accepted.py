"""csv.accepted: records the request, once. Planning is a job of its own; a tombstone wins over a replay."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import asyncpg

from services.status.jobs.wakes import Wakes, Work
from services.status.postgres.pool import Connection, transaction
from services.status.postgres.statements import SQL
from services.status.records.database_row import Row
from services.status.requests.intake_limit import Intake
from shared.consuming.handling import Incoming, Outgoing
from shared.contract.codes import FailureCode
from shared.contract.events import TARGET_HEADER, CsvAccepted, ImageFormat, Priority
from shared.contract.keys import is_in_folder, rows_key, source_key
from shared.outcomes import Invalid


class AcceptedRequest(NamedTuple):
    """A row of `accept_requests`."""

    id: UUID
    tenant: str
    priority: Priority
    filename: str
    columns: str  # JSON
    quality: int
    format: ImageFormat
    source_key: str
    source_bytes: int
    source_sha256: str
    rows_key: str
    skipped_rows: int
    created_at: datetime
    products: int
    images: int
    webhook_url: str | None
    webhook_target: str | None  # encrypted
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Acceptance:
    pool: asyncpg.Pool
    wakes: Wakes
    intake: Intake
    deadline_seconds: float

    async def handle_batch(self, messages: Sequence[Incoming[CsvAccepted]]) -> Sequence[Outgoing]:
        for message in messages:
            _require_own_files(message.event)
        rows = [_row(message) for message in messages]
        async with transaction(self.pool) as connection:
            recorded = await _record(connection, rows, self.deadline_seconds)
        images = Counter[str]()
        for row in recorded:
            images[row["tenant"]] += row["images"]
        self.intake.add(images)
        self.wakes.call(Work.PLAN)
        return ()

    async def report_dead(self, message: Incoming[CsvAccepted]) -> Sequence[Outgoing]:
        """What cannot be recorded as it came is recorded as failed, without the file's name and header, and
        with the keys that its files ought to have: who ends it reads them.
        """
        request_id = message.event.request_id
        own = {"source_key": source_key(request_id), "rows_key": rows_key(request_id)}
        bare = message.event.model_copy(update=own | {"filename": "", "columns": (), "skipped_rows": 0})
        row = _row(replace(message, event=bare))
        async with transaction(self.pool) as connection:
            await _record(connection, [row], self.deadline_seconds)
            await connection.execute(SQL["fail_request"], bare.request_id, FailureCode.INTERNAL)
        self.wakes.call(Work.COMPLETE)
        return ()


def _require_own_files(event: CsvAccepted) -> None:
    """Of a key that is none a store says that it is away, and planning would wait for it."""
    for key in (event.source_key, event.rows_key):
        if not is_in_folder(key, event.request_id):
            raise Invalid(f"{key[:100]!r} is no file of this request")


async def _record(
    connection: Connection, rows: Sequence[AcceptedRequest], deadline_seconds: float
) -> Sequence[Row]:
    """Returns what was not recorded before."""
    return await connection.fetch(SQL["accept_requests"], *zip(*rows, strict=True), deadline_seconds)


def _row(message: Incoming[CsvAccepted]) -> AcceptedRequest:
    event = message.event
    return AcceptedRequest(
        id=event.request_id,
        tenant=event.tenant,
        priority=event.priority,
        filename=event.filename,
        columns=json.dumps(event.columns),
        quality=event.quality,
        format=event.format,
        source_key=event.source_key,
        source_bytes=event.source_bytes,
        source_sha256=event.source_sha256,
        rows_key=event.rows_key,
        skipped_rows=event.skipped_rows,
        created_at=event.created_at,
        products=event.products,
        images=event.images,
        webhook_url=event.webhook_url,
        webhook_target=message.headers.get(TARGET_HEADER),
        traceparent=message.traceparent,
    )
