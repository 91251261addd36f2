"""What a caller may change about a request: cancel it, run it again, delete it, have its webhook sent again.

Each is one short transaction on the request's row; the jobs do the rest.
"""

import json
from enum import StrEnum
from typing import Any
from uuid import UUID

import asyncpg

from services.status.postgres.pool import CONNECT_SECONDS, Connection, transaction
from services.status.postgres.statements import SQL
from services.status.records.states import DeliveryState
from services.status.requests.next_run import Codes, Standing, is_taken_in, standing_besides
from shared.contract.events import RequestState

SOON_PLANNED_IMAGES = 5_000  # within a second

_OPEN = frozenset({RequestState.PENDING, RequestState.PROCESSING})


class Verdict(StrEnum):
    """How Postgres answered a caller's wish."""

    ACCEPTED = "accepted"
    UNKNOWN = "unknown"  # no such request, another tenant's, or deleted
    CONFLICT = "conflict"  # not in this state


async def cancel(pool: asyncpg.Pool, tenant: str, request_id: UUID) -> Verdict:
    """Stops planning and dispatching; what is open then counts as cancelled. Twice is no more than once."""
    async with transaction(pool, wait_seconds=CONNECT_SECONDS) as connection:
        request = await _lock(connection, tenant, request_id)
        if request is None:
            return Verdict.UNKNOWN
        if request["state"] == RequestState.CANCELLED:
            return Verdict.ACCEPTED
        if request["state"] not in _OPEN:
            return Verdict.CONFLICT
        await connection.execute(SQL["request_cancel"], request_id, SOON_PLANNED_IMAGES)
        return Verdict.ACCEPTED


async def retry_failed(
    pool: asyncpg.Pool, tenant: str, request_id: UUID, *, deadline_seconds: float, codes: Codes = frozenset()
) -> Verdict:
    """Starts the next run, for what failed or was cancelled in the last, or for what failed with one of the
    codes alone. Asked again while it is open, it starts no other.
    """
    async with transaction(pool, wait_seconds=CONNECT_SECONDS) as connection:
        request = await _lock(connection, tenant, request_id)
        if request is None:
            return Verdict.UNKNOWN
        if request["state"] in _OPEN:
            runs_already = request["run"] > 1 and is_taken_in(codes, request)
            return Verdict.ACCEPTED if runs_already else Verdict.CONFLICT
        standing = standing_besides(codes, request)
        if standing is None:
            return Verdict.CONFLICT
        await connection.execute(SQL["start_run"], request_id, deadline_seconds, *_counted(standing))
        return Verdict.ACCEPTED


def _counted(standing: Standing) -> tuple[int, str, str]:
    return standing.images, json.dumps(standing.counts), json.dumps(standing.since)


async def delete_request(pool: asyncpg.Pool, tenant: str, request_id: UUID) -> Verdict:
    """Makes a tombstone. An open run ends as cancelled; rows and files go afterwards."""
    async with transaction(pool, wait_seconds=CONNECT_SECONDS) as connection:
        if await _lock(connection, tenant, request_id) is None:
            return Verdict.UNKNOWN
        await connection.execute(SQL["bury_request"], request_id)
        return Verdict.ACCEPTED


async def redeliver(pool: asyncpg.Pool, tenant: str, request_id: UUID) -> Verdict:
    """Asks for the latest run's webhook now, on a fresh schedule, unless a post of it is under way: then that
    one begins the schedule. A delivered one stays delivered.
    """
    async with transaction(pool, wait_seconds=CONNECT_SECONDS) as connection:
        request = await _lock(connection, tenant, request_id)
        if request is None:
            return Verdict.UNKNOWN
        delivery = await connection.fetchrow(SQL["delivery_of_run"], request_id, request["run"])
        if delivery is None or delivery["state"] == DeliveryState.DELIVERED:
            return Verdict.CONFLICT
        await connection.execute(SQL["ask_delivery_again"], delivery["webhook_id"])
        return Verdict.ACCEPTED


async def _lock(connection: Connection, tenant: str, request_id: UUID) -> Any:
    return await connection.fetchrow(SQL["lock_owned"], request_id, tenant)
