"""Ends runs: writes the output CSV to the store first, then one transaction ends the run, stores the event's
bytes and inserts the delivery. From `ending` on nothing about a request changes, so doing it twice writes the
same bytes.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.status.jobs.wakes import Wakes
from services.status.postgres.pool import Connection
from services.status.postgres.statements import SQL
from services.status.records.request import ImageRecord, RequestRecord, request_from_row
from services.status.records.states import ImageState
from services.status.records.unplanned import Planned, ended_images, unplanned_products
from services.status.rendering.completed_event import CompletionBody
from services.status.rendering.links import Links
from services.status.rendering.output_csv import header, rendered, row
from shared.contract.events import RequestCompleted, RequestState, deterministic_id
from shared.contract.keys import output_csv_key
from shared.observing.logs import Action, log
from shared.observing.metrics import REQUEST_SECONDS, REQUESTS_ENDED
from shared.store import Store

PAGE_PRODUCTS = 500
DAY_SECONDS = 86_400

Product = tuple[Sequence[str], Sequence[ImageRecord]]  # its cells, its images


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    store: Store
    wakes: Wakes
    links: Links
    body_bytes: int
    retention_days: float
    first_wait_seconds: float  # of the webhook

    async def end(self, connection: Connection, request_id: UUID, _: asyncio.Event) -> None:
        """Ends the open run of one request. Whoever calls holds its turn."""
        request = await connection.fetchrow(SQL["ending_request"], request_id)
        if request is None:
            return
        ended_at = request["read_at"]
        record = ended_record(request, ended_at)
        body = CompletionBody(record, self.links, ended_at, self.body_bytes)
        if record.deleted:
            body.skip()
        else:
            await self._write_csv(connection, record, request, body)
        if await self._end(connection, request, record, body.render()):
            self.wakes.announcer.set()
            REQUESTS_ENDED.labels(record.state.value).inc()
            REQUEST_SECONDS.observe((ended_at - request["run_started_at"]).total_seconds())
            log.info(
                Action.REQUEST_ENDED,
                request_id=str(request_id),
                run=record.run,
                state=record.state,
                done=record.done,
                failed=record.failed,
            )

    async def _write_csv(
        self, connection: Connection, record: RequestRecord, request: Any, body: CompletionBody
    ) -> None:
        columns = request["columns"]
        async with self.store.writer(record.output_csv_path or "") as file:
            await file.write(header(columns))
            async for page in _pages(connection, record.id):
                rows = [row(columns, cells, [each.output_url for each in images]) for cells, images in page]
                await file.write(rendered(rows))
                for _, images in page:
                    body.add(images)
            planned = Planned(request["planned_products"], request["planned_images"])
            if planned.products == request["products"]:
                return
            async for products in unplanned_products(self.store, request["rows_key"], planned):
                rows = [row(columns, each.cells, [None] * len(each.images)) for _, each in products]
                await file.write(rendered(rows))
                for number, each in products:
                    if body.takes_more:
                        body.add(ended_images(record.id, number, each))

    async def _end(self, connection: Connection, request: Any, record: RequestRecord, body: bytes) -> bool:
        """Exactly one caller ends a run; for any other this is False."""
        event_id = deterministic_id(RequestCompleted.TYPE, record.id, record.run)
        # A value of 0 keeps for ever: NULL seconds make a NULL date.
        kept_seconds = self.retention_days * DAY_SECONDS or None
        async with connection.transaction():
            counts = (record.state.value, record.completed_at, record.failed, record.cancelled)
            ended = await connection.fetchval(
                SQL["end_run"], record.id, record.run, *counts, record.output_csv_path, kept_seconds
            )
            if ended is None:
                return False
            if request["in_flight"]:
                await connection.execute(SQL["recall_images"], record.id)
            # Held until the commit: whoever reads events in order never sees one appear behind it.
            await connection.execute(SQL["lock_completions"])
            event = (event_id, record.id, record.tenant, record.run, record.completed_at, body.decode())
            await connection.execute(SQL["insert_completion"], *event)
            if request["webhook_target"] is not None:
                delivery = (event_id, record.id, record.run, self.first_wait_seconds)
                await connection.execute(SQL["insert_delivery"], *delivery)
        return True


def ended_record(request: Mapping[str, Any], ended_at: datetime) -> RequestRecord:
    """The request as it will be: what is still open counts as failed or as cancelled, by arithmetic."""
    record = request_from_row(request)
    left = record.images - record.done - record.failed
    is_failed = record.failure_code is not None
    if left and not is_failed:
        state, failed, cancelled = RequestState.CANCELLED, record.failed, left
    else:
        failed, cancelled = record.failed + left, 0
        has_success = record.done > 0 or (record.images == 0 and not is_failed)
        state = RequestState.COMPLETED if has_success else RequestState.FAILED
    return replace(
        record,
        state=state,
        failed=failed,
        cancelled=cancelled,
        completed_at=ended_at,
        output_csv_path=None if record.deleted else output_csv_key(record.id, record.run),
    )


async def _pages(connection: Connection, request_id: UUID) -> AsyncIterator[list[Product]]:
    """All products with their images, page by page along the keys: never one long snapshot."""
    number = 0
    while products := await connection.fetch(SQL["product_page"], request_id, number, PAGE_PRODUCTS):
        last = products[-1]
        span = (products[0]["first_ordinal"], last["first_ordinal"] + last["images"])
        images = await connection.fetch(SQL["ended_image_page"], request_id, *span)
        yield _joined(products, images, span[0])
        number = last["number"] + 1


def _joined(products: Sequence[Any], images: Sequence[Any], offset: int) -> list[Product]:
    page: list[Product] = []
    for product in products:
        start = product["first_ordinal"] - offset
        own = images[start : start + product["images"]]
        page.append((product["cells"], [_image_record(product, image) for image in own]))
    return page


def _image_record(product: Any, image: Any) -> ImageRecord:
    # The run has ended, and with it every image: one that is not done reads failed to everyone.
    is_done = image["state"] == ImageState.DONE
    return ImageRecord(
        ordinal=image["ordinal"],
        id=str(image["id"]),
        input_url=image["input_url"],
        output_url=image["output_url"],
        state=ImageState.DONE if is_done else ImageState.FAILED,
        started=True,
        product_number=product["number"],
        product_id=str(product["id"]),
        serial_number=product["serial_number"],
        product_name=product["name"],
    )
