"""What a caller may do to a request: the /v1 paths over changes.py. None reads a body, so none can be sent
one that is wrong.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Response

from services.status.api.answers.json_answers import json_answer
from services.status.api.answers.refusals import conflict, not_recorded_yet
from services.status.api.dependencies import Dependencies, Deps, ManagingTenant
from services.status.api.openapi import v1 as described
from services.status.api.openapi.operation import keyed_operation
from services.status.api.parameters import RequestId
from services.status.postgres.bounded_reads import READ_SECONDS
from services.status.records.request import RequestRecord
from services.status.requests import changes
from services.status.requests.changes import Verdict
from shared.outcomes import Away
from shared.web.api_keys import Scope
from shared.web.problems import request_not_found

HAS_ENDED = "It has ended already."
NOTHING_TO_RETRY = "It runs, or no image of it failed or was cancelled."
NOTHING_TO_DELIVER = "There is no webhook delivery that still could be made."

Change = Callable[[asyncpg.Pool, str, UUID], Awaitable[Verdict]]

router = APIRouter(prefix="/v1/requests/{request_id}")


def _changing(name: str, summary: str, why_not: str) -> dict[str, Any]:
    taken = described.request("It will be done; the request as it is now.")
    refusals = (request_not_found(), conflict(why_not), not_recorded_yet())
    return keyed_operation(name, summary, {"202": taken}, *refusals, scope=Scope.MANAGE)


@router.post("/cancel", **_changing("cancelRequest", "Stop it", HAS_ENDED))
async def post_cancel(request_id: RequestId, deps: Deps, tenant: ManagingTenant) -> Response:
    changed = await _change(deps, tenant, request_id, changes.cancel, why_not=HAS_ENDED)
    return await _accepted(deps, changed)


@router.post(
    "/retry", **_changing("retryRequest", "Try again what failed or was cancelled", NOTHING_TO_RETRY)
)
async def post_retry(request_id: RequestId, deps: Deps, tenant: ManagingTenant) -> Response:
    retry = partial(changes.retry_failed, deadline_seconds=deps.run_deadline_seconds)
    return await _accepted(deps, await _change(deps, tenant, request_id, retry, why_not=NOTHING_TO_RETRY))


@router.post("/deliveries/redeliver", **_changing("redeliver", "Send the webhook again", NOTHING_TO_DELIVER))
async def post_redeliver(request_id: RequestId, deps: Deps, tenant: ManagingTenant) -> Response:
    changed = await _change(deps, tenant, request_id, changes.redeliver, why_not=NOTHING_TO_DELIVER)
    return await _accepted(deps, changed)


@router.delete(
    "",
    **keyed_operation(
        "deleteRequest",
        "Remove it, its images and its files",
        {"202": described.deleted()},
        request_not_found(),
        not_recorded_yet(),
        scope=Scope.MANAGE,
    ),
)
async def delete_request(request_id: RequestId, deps: Deps, tenant: ManagingTenant) -> Response:
    record = await _change(deps, tenant, request_id, changes.delete_request)
    return json_answer({"request_id": str(record.id), "state": "deleted"}, 202)


async def _change(
    deps: Dependencies, tenant: str, request_id: str, change: Change, *, why_not: str = ""
) -> RequestRecord:
    record = await deps.lookup.find(tenant, request_id)
    if not record.recorded:
        raise not_recorded_yet()
    match await _bounded(change(deps.pool, tenant, record.id)):
        case Verdict.ACCEPTED:
            deps.changed()
            return record
        case Verdict.CONFLICT:
            raise conflict(why_not)
        case Verdict.UNKNOWN:
            raise request_not_found()


async def _bounded(work: Awaitable[Verdict]) -> Verdict:
    """Gives up waiting in time; the transaction itself ends by the time-outs of its connection."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=READ_SECONDS)
    if not done:
        task.cancel()
        task.add_done_callback(_forget)
        raise Away("database", "it did not answer in time; whether the change was made is not known")
    return task.result()


def _forget(task: asyncio.Future[Verdict]) -> None:
    """Nobody waits for this outcome any more; asking again is harmless."""
    if not task.cancelled():
        task.exception()


async def _accepted(deps: Dependencies, record: RequestRecord) -> Response:
    now = await deps.lookup.find(record.tenant, str(record.id))
    return json_answer(deps.presenter.status(now), 202)
