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

from services.status.api.answers.json_answers import accepted_answer
from services.status.api.answers.refusals import conflict, not_recorded_yet
from services.status.api.dependencies import Dependencies, Deps, ManagingTenant
from services.status.api.openapi import v1 as described
from services.status.api.openapi.operation import keyed_operation
from services.status.api.parameters import FailedWith, RequestId, code_of, unknown_code
from services.status.postgres.bounded_reads import READ_SECONDS
from services.status.records.request import RequestRecord
from services.status.requests import changes
from services.status.requests.changes import Verdict
from services.status.requests.next_run import Codes, had_turns
from shared.hearing import hear
from shared.outcomes import Away
from shared.web.api_keys import Scope
from shared.web.problems import Problem, request_not_found

HAS_ENDED = "It has ended already."
NOTHING_TO_RETRY = "It runs, or no image of it failed or was cancelled."
OTHERS_RUN = "It runs, and not with all of these: try again once it has ended."
NOT_ALL_HAD_TURNS = "Not each of its images has had its turn: try again without a code, which takes in all."
NOTHING_TO_DELIVER = "There is no webhook delivery that still could be made."

Change = Callable[[asyncpg.Pool, str, UUID], Awaitable[Verdict]]

router = APIRouter(prefix="/v1/requests/{request_id}")


def _changing(name: str, summary: str, why_not: str, *others: Problem) -> dict[str, Any]:
    taken = described.request("It will be done; the request as it is now.")
    refusals = (request_not_found(), conflict(why_not), not_recorded_yet(), *others)
    return keyed_operation(name, summary, {"202": taken}, *refusals, scope=Scope.MANAGE)


@router.post("/cancel", **_changing("cancelRequest", "Stop it", HAS_ENDED))
async def post_cancel(request_id: RequestId, deps: Deps, tenant: ManagingTenant) -> Response:
    changed = await _change(deps, tenant, request_id, changes.cancel, why_not=lambda _: HAS_ENDED)
    return await _accepted(deps, changed)


@router.post(
    "/retry",
    **_changing(
        "retryRequest",
        "Try again what failed or was cancelled",
        NOTHING_TO_RETRY,
        conflict(OTHERS_RUN),
        conflict(NOT_ALL_HAD_TURNS),
        unknown_code("teapot"),
    ),
)
async def post_retry(request_id: RequestId, deps: Deps, tenant: ManagingTenant, code: FailedWith) -> Response:
    codes = frozenset(map(code_of, code))
    retry = partial(changes.retry_failed, deadline_seconds=deps.run_deadline_seconds, codes=codes)
    why_not = partial(_why_not_retried, codes)
    return await _accepted(deps, await _change(deps, tenant, request_id, retry, why_not=why_not))


def _why_not_retried(codes: Codes, record: RequestRecord) -> str:
    """As the request was a moment ago, when it was found."""
    if not record.ended:
        return OTHERS_RUN if record.run > 1 else NOTHING_TO_RETRY
    if codes and not had_turns(record.cancelled, record.failure_code):
        return NOT_ALL_HAD_TURNS
    there = [code for code, _ in record.failures]
    missing = sorted(codes - set(there))
    if not there or not missing:
        return NOTHING_TO_RETRY
    return f"No image of it failed with {', '.join(missing)}; its codes are {', '.join(there)}."


@router.post("/deliveries/redeliver", **_changing("redeliver", "Send the webhook again", NOTHING_TO_DELIVER))
async def post_redeliver(request_id: RequestId, deps: Deps, tenant: ManagingTenant) -> Response:
    changed = await _change(deps, tenant, request_id, changes.redeliver, why_not=lambda _: NOTHING_TO_DELIVER)
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
    return accepted_answer({"request_id": str(record.id), "state": "deleted"})


async def _change(
    deps: Dependencies,
    tenant: str,
    request_id: str,
    change: Change,
    *,
    why_not: Callable[[RequestRecord], str] = lambda _: "",
) -> RequestRecord:
    record = await deps.lookup.find(tenant, request_id)
    if not record.recorded:
        raise not_recorded_yet()
    match await _bounded(change(deps.pool, tenant, record.id)):
        case Verdict.ACCEPTED:
            deps.changed()
            return record
        case Verdict.CONFLICT:
            raise conflict(why_not(record))
        case Verdict.UNKNOWN:
            raise request_not_found()


async def _bounded(work: Awaitable[Verdict]) -> Verdict:
    """Gives up waiting in time; the transaction itself ends by the time-outs of its connection."""
    task = asyncio.ensure_future(work)
    done, _ = await asyncio.wait({task}, timeout=READ_SECONDS)
    if not done:
        task.cancel()
        task.add_done_callback(hear)  # asking again is harmless
        raise Away("database", "it did not answer in time; whether the change was made is not known")
    return task.result()


async def _accepted(deps: Dependencies, record: RequestRecord) -> Response:
    now = await deps.lookup.find(record.tenant, str(record.id))
    return accepted_answer(deps.presenter.status(now))
