"""Everything the API reads from Postgres, as records. It writes nothing and renders nothing."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.status.postgres.statements import SQL
from services.status.reading.database import Database, PatientReads
from services.status.records.database_row import Row
from services.status.records.large_rows import LargeRows, LargeRowTurn
from services.status.records.limits import IMAGE_BYTES, PAGE_BYTES
from services.status.records.request import (
    EndedImage,
    ImageRecord,
    RequestRecord,
    UploadedProduct,
    ended_image_from_row,
    images_from_page,
    request_from_row,
)
from services.status.records.states import ImageState
from shared.contract.events import RequestState

PAGE_IMAGES = 1_000  # rendered in one go: meanwhile nothing else runs in this process
LOOKED_THROUGH_REQUESTS = 2_000  # by one call that searches
COUNTED_REQUESTS = 10_000  # of each state, for what a tenant has stored
ARCHIVE_PAGE_IMAGES = 250  # each with texts of some kilobytes
COMPLETIONS_BYTES = 4 * 1024 * 1024  # of one answer, each up to 256 KiB
PRODUCTS_BYTES = 256 * 1024  # of cells, one product at least


@dataclass(frozen=True, slots=True)
class Found:
    requests: Sequence[RequestRecord]
    looked_up_to: tuple[datetime, UUID] | None
    """Behind it there may be more; None: there is none."""


class Reader:
    """The named statements of sql/reading.sql."""

    def __init__(self, database: Database, large_rows: LargeRows) -> None:
        self._database = database
        self.large_rows = large_rows

    def patient(self) -> "Reader":
        """For the pages of an answer that has begun."""
        return Reader(PatientReads(self._database), self.large_rows)

    async def request(self, request_id: UUID) -> RequestRecord | None:
        """Also a deleted one; None if Postgres never heard of it."""
        found = await self.requests_by_id([request_id])
        return found[0] if found else None

    async def requests_by_id(self, request_ids: Sequence[UUID]) -> list[RequestRecord]:
        rows = await self._fetch("requests_by_id", request_ids)
        return [request_from_row(row) for row in rows]

    async def requests_of_tenant(
        self, tenant: str, before: tuple[datetime, UUID], state: RequestState | None, limit: int
    ) -> list[RequestRecord]:
        states = list(RequestState) if state is None else [state]
        rows = await self._fetch("requests_of_tenant", tenant, *before, states, limit)
        return [request_from_row(row) for row in rows]

    async def requests_found(
        self,
        tenant: str,
        before: tuple[datetime, UUID],
        state: RequestState | None,
        text: str,
        limit: int,
    ) -> Found:
        """Those of the tenant's next requests whose file's name or id has this text."""
        states = list(RequestState) if state is None else [state]
        rows = await self._fetch(
            "requests_found", tenant, *before, states, LOOKED_THROUGH_REQUESTS, text, limit + 1
        )
        found = [row for row in rows if row["is_found"]]
        shown = await self.requests_by_id([row["id"] for row in found[:limit]])
        newest_first = sorted(shown, key=lambda each: (each.created_at, each.id), reverse=True)
        behind = found[limit - 1 : limit] if len(found) > limit else [row for row in rows if row not in found]
        return Found(newest_first, next(((row["created_at"], row["id"]) for row in behind), None))

    async def usage_of_tenant(self, tenant: str) -> Sequence[Row]:
        """Requests, images and bytes by state and by the day on which they go."""
        return await self._fetch("usage_of_tenant", tenant, list(RequestState), COUNTED_REQUESTS)

    async def image_pages(
        self, record: RequestRecord, start: int = 0, size: int = PAGE_IMAGES
    ) -> AsyncIterator[list[ImageRecord]]:
        """The images beside their products, in the order of the CSV, as far as they are planned. A page holds
        `size` of them, or fewer that are larger.
        """
        end = record.images if record.recorded else 0
        while start < end:
            bounds = (start, start + size, PAGE_BYTES, IMAGE_BYTES)
            rows = await self._fetch("image_page", record.id, *bounds)
            if not rows:
                return
            yield images_from_page(rows)
            start = rows[-1]["ordinal"] + 1

    async def ended_images(
        self, record: RequestRecord, state: ImageState | None
    ) -> AsyncIterator[Sequence[EndedImage]]:
        """The images of a run that has ended, all or those of one state, in the order of the CSV."""
        for start in range(0, record.images, PAGE_IMAGES):
            rows = await self._fetch("ended_images", record.id, start, start + PAGE_IMAGES, state)
            yield [ended_image_from_row(row) for row in rows]

    async def archive_pages(self, record: RequestRecord) -> AsyncIterator[Sequence[Row]]:
        """The same with what the files are called and where they lie, a few at a time."""
        for start in range(0, record.images, ARCHIVE_PAGE_IMAGES):
            yield await self._fetch("archive_page", record.id, start, start + ARCHIVE_PAGE_IMAGES)

    async def columns(self, request_id: UUID) -> Sequence[str]:
        """The header of the upload, as it was spelled."""
        rows = await self._fetch("columns", request_id)
        return rows[0]["columns"] if rows else ()

    async def products(
        self, request_id: UUID, numbers: Sequence[int], turn: LargeRowTurn
    ) -> dict[int, UploadedProduct]:
        """By number: the first of these, as many as may be read at a time."""
        wanted = (request_id, numbers, PRODUCTS_BYTES, PAGE_BYTES)
        rows = await self._fetch("products", *wanted, False) if numbers else ()
        if rows and rows[0]["cells"] is None:
            await turn.take()
            rows = await self._fetch("products", *wanted, True)
        return {
            row["number"]: UploadedProduct(row["cells"], row["first_ordinal"], row["images"]) for row in rows
        }

    async def images(
        self, request_id: UUID, ordinal: int, state: ImageState | None, limit: int
    ) -> Sequence[Row]:
        """From that ordinal on; with a state, those that read so now."""
        if state is None:
            return await self._fetch("images", request_id, ordinal, limit)
        return await self._fetch("images_in_state", request_id, ordinal, state, limit)

    async def deliveries(self, request_id: UUID, run: int, limit: int) -> Sequence[Row]:
        """From the one of that run on."""
        return await self._fetch("deliveries", request_id, run, limit)

    async def attempts(self, webhook_ids: Sequence[UUID]) -> Sequence[Row]:
        return await self._fetch("attempts", webhook_ids)

    async def completion(self, record: RequestRecord) -> tuple[UUID, str] | None:
        rows = await self._fetch("completion", record.id, record.run)
        return (rows[0]["event_id"], rows[0]["body"]) if rows else None

    async def completions_after(self, tenant: str, sequence: int, limit: int) -> Sequence[Row]:
        """At most `limit`, and no more than fit into one answer."""
        return await self._fetch("completions_after", tenant, sequence, limit, COMPLETIONS_BYTES)

    async def completion_sequence(self, tenant: str, event_id: UUID) -> int | None:
        rows = await self._fetch("completion_sequence", event_id, tenant)
        return rows[0]["sequence"] if rows else None

    async def _fetch(self, name: str, *arguments: object) -> Sequence[Row]:
        return await self._database.fetch(SQL[name], *arguments)
