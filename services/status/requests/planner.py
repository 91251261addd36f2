"""The planner: turns rows.ndjson into products and images, in chunks, smallest request first.

Each chunk is one transaction that begins where the last one ended, so that planning resumes and no row is
planned twice.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self
from uuid import UUID

import asyncpg
from pydantic import ValidationError

from services.status.jobs.wakes import Wakes, Work
from services.status.postgres.pool import Connection, all_or_nothing
from services.status.postgres.statements import SQL
from services.status.records.database_row import Row
from services.status.records.large_rows import LargeRows
from services.status.records.rows import BadRowsError, Planned, chunks_of_products, lines
from services.status.records.states import ImageState
from services.status.requests.chunks import Chunk, PlannedImage, PlannedProduct, chunk_of
from shared.contract.codes import FailureCode
from shared.observing.logs import Action, log
from shared.store import Missing, Refused, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be planned of a request in one run."""

    request_id: UUID
    run: int
    rows_key: str
    whole: Planned  # as csv.accepted announced it
    begins: Planned

    @classmethod
    def from_row(cls, request_id: UUID, row: Row) -> Self:
        """A row of `planning`."""
        return cls(
            request_id=request_id,
            run=row["run"],
            rows_key=row["rows_key"],
            whole=Planned(row["products"], row["images"]),
            begins=Planned(row["planned_products"], row["planned_images"]),
        )


class Advance(NamedTuple):
    """What a chunk changes on its request's row: the parameters of `advance_planning`."""

    request_id: UUID
    products: int
    images: int
    repeats: int
    done: int
    failed: int
    failure_counts: str  # as JSON
    is_last: bool


@dataclass(frozen=True, slots=True)
class Planner:
    store: Store
    wakes: Wakes
    large_rows: LargeRows

    async def plan(self, connection: Connection, request_id: UUID, stopping: asyncio.Event) -> None:
        """Plans one request from where it stands. Whoever calls holds its turn."""
        row = await connection.fetchrow(SQL["planning"], request_id)
        if row is None or row["over"]:
            return
        try:
            await self._plan(connection, Plan.from_row(request_id, row), stopping)
        except (Missing, Refused):
            await self._fail(connection, request_id, FailureCode.SOURCE_MISSING)
        except (BadRowsError, ValidationError, asyncpg.DataError) as error:
            log.error(Action.JOB_FAILED, job="planner", request_id=str(request_id), error=str(error)[:500])
            await self._fail(connection, request_id, FailureCode.INTERNAL)

    async def _plan(self, connection: Connection, plan: Plan, stopping: asyncio.Event) -> None:
        planned = plan.begins
        if planned.products == plan.whole.products:
            await self._write(connection, plan, Chunk(begins=planned))
            return
        async with self.large_rows.turn() as turn:
            rows = lines(self.store.stream(plan.rows_key), turn)
            async for products in chunks_of_products(rows, planned):
                chunk = await chunk_of(plan.request_id, plan.run, products, planned)
                if not await self._write(connection, plan, chunk) or stopping.is_set():
                    return
                planned = chunk.ends
                del products, chunk  # before the next row is read
        if planned.products < plan.whole.products:
            raise BadRowsError(f"the file ends after {planned.products} of {plan.whole.products} products")

    async def _write(self, connection: Connection, plan: Plan, chunk: Chunk) -> bool:
        """Says whether there is more to plan, as far as this process is concerned."""
        is_last = _is_last(plan, chunk)
        async with all_or_nothing(connection):
            now = await connection.fetchrow(SQL["lock_planning"], plan.request_id)
            if not _is_still_at(now, plan.run, chunk.begins):
                return False
            done, failures = await _copy(connection, plan, chunk)
            advance = Advance(
                request_id=plan.request_id,
                products=len(chunk.products),
                images=len(chunk.images),
                repeats=len(chunk.repeats),
                done=done,
                failed=failures.total(),
                failure_counts=json.dumps(failures),
                is_last=is_last,
            )
            ending = await connection.fetchval(SQL["advance_planning"], *advance)
        self._tell(plan, ending=ending, is_last=is_last)
        return not is_last

    def _tell(self, plan: Plan, *, ending: bool, is_last: bool) -> None:
        self.wakes.call(Work.DISPATCH, *([Work.COMPLETE] if ending else []))
        if is_last:
            log.info(Action.REQUEST_PLANNED, request_id=str(plan.request_id), images=plan.whole.images)

    async def _fail(self, connection: Connection, request_id: UUID, code: FailureCode) -> None:
        await connection.execute(SQL["fail_request"], request_id, code)
        self.wakes.call(Work.COMPLETE)


def _is_last(plan: Plan, chunk: Chunk) -> bool:
    if chunk.ends.products > plan.whole.products:
        raise BadRowsError("the file has more products than were announced")
    if chunk.ends.products < plan.whole.products:
        return False
    if chunk.ends.images != plan.whole.images:
        raise BadRowsError("the file has another number of images than was announced")
    return True


def _is_still_at(row: Row | None, run: int, planned: Planned) -> bool:
    """Whether nothing happened to the request since it was read: its end, another run, another planner."""
    if row is None or row["over"]:
        return False
    return bool(row["run"] == run and row["planned_products"] == planned.products)


async def _copy(connection: Connection, plan: Plan, chunk: Chunk) -> tuple[int, Counter[str]]:
    """Some images end at once, for they repeat one that has ended already: how many are done, how many failed
    with which code.
    """
    done, failures = 0, Counter[str]()
    if not chunk.products:
        return done, failures
    await connection.copy_records_to_table("products", records=chunk.products, columns=PlannedProduct._fields)
    await connection.copy_records_to_table("images", records=chunk.images, columns=PlannedImage._fields)
    for row in await _end_repeats(connection, plan, chunk):
        if row["state"] == ImageState.DONE:
            done += row["ended"]
        elif row["ended"]:
            failures[row["code"]] += row["ended"]
    return done, failures


async def _end_repeats(connection: Connection, plan: Plan, chunk: Chunk) -> Sequence[Row]:
    """Of this chunk alone. What is left of earlier ones is dealt with in steps."""
    firsts = sorted(set(chunk.repeats))
    if not firsts:
        return ()
    count = len(firsts)
    of_each = ([plan.request_id] * count, firsts, [plan.run] * count, [chunk.begins.images] * count)
    return await connection.fetch(SQL["end_repeats"], *of_each, len(chunk.images))
