"""csv.accepted: records the request, once. Planning is a job of its own; a tombstone wins over a replay."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import asyncpg

from services.status.jobs.wakes import Wakes
from services.status.postgres.pool import transaction
from services.status.postgres.statements import SQL
from services.status.requests.intake_limit import Intake
from shared.consuming.handling import Incoming, Outgoing
from shared.contract.codes import FailureCode
from shared.contract.events import TARGET_HEADER, CsvAccepted


@dataclass(frozen=True, slots=True)
class Acceptance:
    pool: asyncpg.Pool
    wakes: Wakes
    intake: Intake
    deadline_seconds: float

    async def handle_batch(self, messages: Sequence[Incoming[CsvAccepted]]) -> Sequence[Outgoing]:
        rows = [_row(message) for message in messages]
        async with transaction(self.pool) as connection:
            columns = (*zip(*rows, strict=True), self.deadline_seconds)
            recorded = await connection.fetch(SQL["accept_requests"], *columns)
        self.intake.add(sum(row["images"] for row in recorded))
        self.wakes.plan()
        return ()

    async def report_dead(self, message: Incoming[CsvAccepted]) -> Sequence[Outgoing]:
        """A request that cannot be recorded as it came is recorded without its story, as failed."""
        bare = message.event.model_copy(update={"filename": "", "columns": (), "skipped_rows": 0})
        row = _row(replace(message, event=bare))
        async with transaction(self.pool) as connection:
            await connection.fetch(SQL["accept_requests"], *([each] for each in row), self.deadline_seconds)
            await connection.execute(SQL["fail_request"], bare.request_id, FailureCode.INTERNAL)
        self.wakes.complete()
        return ()


def _row(message: Incoming[CsvAccepted]) -> tuple[object, ...]:
    event = message.event
    target = message.headers.get(TARGET_HEADER)
    return (
        event.request_id,
        event.tenant,
        event.priority.value,
        event.filename,
        json.dumps(event.columns),
        event.quality,
        event.format.value,
        event.source_key,
        event.source_bytes,
        event.source_sha256,
        event.rows_key,
        event.skipped_rows,
        event.created_at,
        event.products,
        event.images,
        event.webhook_url,
        target,
        message.traceparent,
    )
