"""Ends runs: writes the output CSV to the store first, then one transaction ends the run, stores the event's
bytes and inserts the delivery. From `ending` on nothing about a request changes, so doing it twice writes the
same bytes.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from services.status.jobs.wakes import Wakes, Work
from services.status.postgres.pool import Connection, all_or_nothing
from services.status.postgres.statements import SQL
from services.status.records.database_row import Row
from services.status.records.large_rows import LargeRows, LargeRowTurn
from services.status.records.request import ImageRecord, RequestRecord, request_from_row
from services.status.records.rows import Planned, ProductRow
from services.status.records.unplanned import ended_images, unplanned_products
from services.status.rendering.completed_event import CompletionBody
from services.status.rendering.links import Links
from services.status.rendering.output_csv import csv_bytes, output_header, output_row
from services.status.requests.output_pages import ended_products
from services.status.requests.rules import ended_record
from shared.contract.events import RequestCompleted, RequestState, deterministic_id
from shared.contract.keys import output_csv_key
from shared.observing.logs import Action, log
from shared.observing.metrics import REQUEST_SECONDS, REQUESTS_ENDED
from shared.store import Store, Writer

DAY_SECONDS = 86_400


class OvertakenError(Exception):
    """Somebody else has ended this run meanwhile."""


class EndedRun(NamedTuple):
    """The parameters of `end_run`."""

    request_id: UUID
    run: int
    state: RequestState
    completed_at: datetime
    failed: int
    cancelled: int
    output_csv_path: str | None
    kept_seconds: float | None  # None: for ever


class NewCompletion(NamedTuple):
    """A row of the table completions."""

    event_id: UUID
    request_id: UUID
    tenant: str
    run: int
    completed_at: datetime
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    store: Store
    wakes: Wakes
    links: Links
    large_rows: LargeRows
    body_bytes: int
    retention_days: float  # 0: for ever
    first_wait_seconds: float  # of the webhook

    async def end(self, connection: Connection, request_id: UUID, _: asyncio.Event) -> None:
        """Ends the open run of one request. Whoever calls holds its turn."""
        request = await connection.fetchrow(SQL["ending_request"], request_id)
        if request is None:
            return
        ended_at = request["read_at"]
        record = ended_record(request_from_row(request), ended_at)
        body = CompletionBody(record, self.links, ended_at, self.body_bytes)
        if record.deleted:
            body.skip()
        elif record.output_csv_path is None:
            await self._tell_first(connection, record, request, body)
        elif not await self._has_written_csv(connection, record, request, body):
            return
        if await self._end(connection, request, record, body.render()):
            self.wakes.call(Work.ANNOUNCE)
            _tell(record, (ended_at - request["run_started_at"]).total_seconds())

    async def _tell_first(
        self, connection: Connection, record: RequestRecord, request: Row, body: CompletionBody
    ) -> None:
        """As many products as the body takes, and no more are read."""
        async with self.large_rows.turn() as turn:
            async for page in ended_products(connection, record.id, turn):
                body.add_all(product.images for product in page)
                if not body.takes_more:
                    return
            planned = Planned(record.planned_products, record.planned_images)
            if planned.products == record.products:
                return
            async for products in unplanned_products(self.store, request["rows_key"], planned, turn):
                body.add_all(ended_images(record.id, number, each) for number, each in products)
                if not body.takes_more:
                    return

    async def _has_written_csv(
        self, connection: Connection, record: RequestRecord, request: Row, body: CompletionBody
    ) -> bool:
        try:
            await self._write_csv(connection, record, request, body)
        except OvertakenError:
            return False
        return True

    async def _write_csv(
        self, connection: Connection, record: RequestRecord, request: Row, body: CompletionBody
    ) -> None:
        columns = request["columns"]
        key = output_csv_key(record.id, record.run)
        async with self.store.writer(key) as file, self.large_rows.turn() as turn:
            await file.write(csv_bytes([output_header(columns)]))
            async for page in ended_products(connection, record.id, turn):
                await file.write(csv_bytes(_product_row(columns, *product) for product in page))
                body.add_all(product.images for product in page)
            if record.planned_products < record.products:
                await self._write_unplanned(file, record, request, body, turn)
            await _require_turn(connection, record)

    async def _write_unplanned(
        self, file: Writer, record: RequestRecord, request: Row, body: CompletionBody, turn: LargeRowTurn
    ) -> None:
        planned, columns = Planned(record.planned_products, record.planned_images), request["columns"]
        async for products in unplanned_products(self.store, request["rows_key"], planned, turn):
            await file.write(csv_bytes(_empty_row(columns, each) for _, each in products))
            body.add_all(ended_images(record.id, number, each) for number, each in products)

    async def _end(self, connection: Connection, request: Row, record: RequestRecord, body: bytes) -> bool:
        """Exactly one caller ends a run; for any other this is False."""
        ended_at = request["read_at"]
        completion = _completion(record, ended_at, body)
        async with all_or_nothing(connection):
            if await connection.fetchval(SQL["end_run"], *self._ended_run(record, ended_at)) is None:
                return False
            if request["in_flight"]:
                await connection.execute(SQL["recall_images"], record.id)
            # Held until the commit: whoever reads events in order never sees one appear behind it.
            await connection.execute(SQL["lock_completions"])
            await connection.execute(SQL["insert_completion"], *completion)
            if request["webhook_target"] is not None:
                delivery = (completion.event_id, record.id, record.run, self.first_wait_seconds)
                await connection.execute(SQL["insert_delivery"], *delivery)
        return True

    def _ended_run(self, record: RequestRecord, ended_at: datetime) -> EndedRun:
        return EndedRun(
            request_id=record.id,
            run=record.run,
            state=record.state,
            completed_at=ended_at,
            failed=record.failed,
            cancelled=record.cancelled,
            output_csv_path=record.output_csv_path,
            kept_seconds=self.retention_days * DAY_SECONDS or None,
        )


def _product_row(columns: Sequence[str], cells: Sequence[str], images: Sequence[ImageRecord]) -> list[str]:
    return output_row(columns, cells, [each.output_url for each in images])


def _empty_row(columns: Sequence[str], product: ProductRow) -> list[str]:
    return output_row(columns, product.cells, [None] * len(product.images))


async def _require_turn(connection: Connection, record: RequestRecord) -> None:
    """Whoever was frozen may come back when somebody else has ended the run and the next changes its rows. No
    file of those may take the place of the right one. What was read of a run that has not ended is right.
    """
    now = await connection.fetchrow(SQL["ending_request"], record.id)
    if now is None or now["run"] != record.run:
        raise OvertakenError


def _completion(record: RequestRecord, ended_at: datetime, body: bytes) -> NewCompletion:
    return NewCompletion(
        event_id=deterministic_id(RequestCompleted.TYPE, record.id, record.run),
        request_id=record.id,
        tenant=record.tenant,
        run=record.run,
        completed_at=ended_at,
        body=body.decode(),
    )


def _tell(record: RequestRecord, seconds: float) -> None:
    REQUESTS_ENDED.labels(record.state.value).inc()
    REQUEST_SECONDS.observe(seconds)
    log.info(
        Action.REQUEST_ENDED,
        request_id=str(record.id),
        run=record.run,
        state=record.state,
        done=record.done,
        failed=record.failed,
    )
