"""Ends images that only repeat the URL of another: with that one where they are few, else in steps behind it.

How far that came stands with the first image. From there it goes on after a crash, and in a later run.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.status.images.settling.request_counts import RequestCounts
from services.status.images.settling.writing import write_results
from services.status.jobs.wakes import Wakes, Work
from services.status.postgres.pool import Connection, all_or_nothing
from services.status.postgres.statements import SQL
from services.status.records.database_row import Row
from services.status.records.states import ImageState

STEP_IMAGES = 1_000  # in one transaction, during which nobody else can change their request
STEP_FIRSTS = 20  # whose repeats one step goes on with


class First(NamedTuple):
    """An image whose URL others repeat: a row of `end_repeats`."""

    request_id: UUID
    ordinal: int
    run: int  # of its request
    start: int = 0  # its repeats before this ordinal are dealt with


class RepeatsLeft(NamedTuple):
    """From where on an image's repeats may be open, if anywhere: a row of `note_repeats`."""

    request_id: UUID
    ordinal: int
    repeats_from: int | None


async def end_repeats(
    connection: Connection, firsts: Sequence[First], counts: Mapping[UUID, RequestCounts]
) -> Sequence[RepeatsLeft]:
    """Ends the next repeats of those firsts that have ended themselves, and counts them.

    Whoever calls holds their requests' rows, and notes what is left.
    """
    if not firsts:
        return ()
    of_each = max(STEP_IMAGES // len(firsts), 1)
    rows = await connection.fetch(SQL["end_repeats"], *zip(*firsts, strict=True), of_each)
    for row in rows:
        count = counts[row["request_id"]]
        if row["state"] == ImageState.DONE:
            count.done += row["ended"]
        elif row["ended"]:
            count.add_failures(row["code"], row["ended"])
    return [
        RepeatsLeft(row["request_id"], row["ordinal"], row["last_ordinal"] + 1)
        for row in rows
        if row["walked"] == of_each
    ]


async def note_repeats(connection: Connection, left: Sequence[RepeatsLeft]) -> None:
    if left:
        await connection.execute(SQL["note_repeats"], *zip(*left, strict=True))


@dataclass(frozen=True, slots=True)
class RepeatsInSteps:
    wakes: Wakes

    async def step(self, connection: Connection, request_id: UUID, _: asyncio.Event) -> None:
        """Goes on with one request's repeats. Whoever calls holds its turn."""
        async with all_or_nothing(connection):
            rows = await connection.fetch(SQL["lock_requests"], [request_id])
            ending = await _end_next(connection, request_id, rows[0]["run"]) if _is_open(rows) else False
        if ending:
            self.wakes.call(Work.COMPLETE)


def _is_open(rows: Sequence[Row]) -> bool:
    return bool(rows) and not rows[0]["closed"]


async def _end_next(connection: Connection, request_id: UUID, run: int) -> bool:
    """Says whether nothing is left to do of the run."""
    noted = await connection.fetch(SQL["repeats_left"], request_id, STEP_FIRSTS)
    firsts = [First(request_id, row["ordinal"], run, row["repeats_from"]) for row in noted]
    count = RequestCounts(request_id=request_id)
    left = await end_repeats(connection, firsts, {request_id: count})
    # One that failed in an earlier run is asked for again: its repeats end with that.
    over = {first.ordinal for first in firsts} - {each.ordinal for each in left}
    await note_repeats(connection, [*left, *(RepeatsLeft(request_id, ordinal, None) for ordinal in over)])
    count.repeats_left = bool(left) or len(firsts) == STEP_FIRSTS
    (counted,) = await write_results(connection, counts=[count])
    return counted.ending
