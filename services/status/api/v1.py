"""What /v1 answers to readers: a request, the list of them, its images and deliveries."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter, Request, Response

from services.status.api.answers.json_answers import (
    cursor_of,
    page,
    page_answer,
    parse_cursor,
    parse_ordinal,
    tagged_answer,
)
from services.status.api.answers.refusals import unknown_cursor
from services.status.api.dependencies import Dependencies, Deps, Tenant
from services.status.api.long_poll import status_with_news
from services.status.api.openapi import v1 as described
from services.status.api.openapi.operation import NOT_MODIFIED, keyed_operation
from services.status.api.parameters import (
    LONGEST_WAIT_SECONDS,
    Cursor,
    ImagesIn,
    Limit,
    RequestId,
    RequestsIn,
    Search,
    Wait,
    negative_wait,
    page_too_large,
    too_long_search,
)
from services.status.reading.lookup import parse_request_id
from services.status.reading.reader import COUNTED_REQUESTS, Found
from services.status.records.database_row import Row
from services.status.records.request import RequestRecord
from services.status.rendering.v1 import v1_delivery, v1_image, v1_summary, v1_usage
from shared.contract.events import RequestState
from shared.web.methods import READ
from shared.web.problems import request_not_found

END_OF_TIME = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=2**128 - 1))

router = APIRouter(prefix="/v1")


@router.api_route(
    "/requests/{request_id}",
    methods=READ,
    **keyed_operation(
        "getRequest",
        "How far a request is",
        {"200": described.request("The request."), **NOT_MODIFIED},
        negative_wait(),
        request_not_found(),
    ),
)
async def get_request(
    request: Request,
    request_id: RequestId,
    deps: Deps,
    tenant: Tenant,
    wait: Wait = 0,
) -> Response:
    record = await deps.lookup.find(tenant, request_id)
    if wait and not record.ended:
        status = await status_with_news(request, deps, record, min(wait, LONGEST_WAIT_SECONDS))
    else:
        status = deps.presenter.status(record)
    return tagged_answer(request, status)


@router.api_route(
    "/requests",
    methods=READ,
    **keyed_operation(
        "listRequests",
        "Your requests, the newest first",
        {"200": described.requests(), **NOT_MODIFIED},
        page_too_large(),
        too_long_search(),
        unknown_cursor(),
    ),
)
async def list_requests(
    request: Request,
    deps: Deps,
    tenant: Tenant,
    *,
    state: RequestsIn = None,
    search: Search = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Response:
    before = parse_cursor(cursor) if cursor else END_OF_TIME
    if search is not None:
        found = await _found(deps, search, tenant=tenant, before=before, state=state, limit=limit)
        return _requests_page(request, deps, found.requests, found.looked_up_to)
    records = await deps.reader.requests_of_tenant(tenant, before, state, limit + 1)
    shown = records[:limit]
    last = (shown[-1].created_at, shown[-1].id) if len(records) > limit else None
    return _requests_page(request, deps, shown, last)


async def _found(
    deps: Dependencies,
    search: str,
    *,
    tenant: str,
    before: tuple[datetime, UUID],
    state: RequestState | None,
    limit: int,
) -> Found:
    whole_id = parse_request_id(search)
    if whole_id is None:
        return await deps.reader.requests_found(tenant, before, state, search, limit)
    record = await deps.reader.request(whole_id)
    is_meant = record is not None and record.tenant == tenant and not record.deleted
    return Found([record] if record and is_meant and state in (None, record.state) else [], None)


def _requests_page(
    request: Request,
    deps: Dependencies,
    shown: Sequence[RequestRecord],
    last: tuple[datetime, UUID] | None,
) -> Response:
    now = deps.presenter.now()
    following = cursor_of(*last) if last else None
    return tagged_answer(request, page([v1_summary(each, now) for each in shown], following))


@router.api_route(
    "/usage",
    methods=READ,
    **keyed_operation(
        "getUsage",
        "What you have stored, and until when",
        {"200": described.usage(), **NOT_MODIFIED},
    ),
)
async def get_usage(request: Request, deps: Deps, tenant: Tenant) -> Response:
    rows = await deps.reader.usage_of_tenant(tenant)
    return tagged_answer(request, v1_usage(rows, COUNTED_REQUESTS))


@router.api_route(
    "/requests/{request_id}/images",
    methods=READ,
    **keyed_operation(
        "listImages",
        "What became of each image",
        {"200": described.images(), **NOT_MODIFIED},
        page_too_large(),
        unknown_cursor(),
        request_not_found(),
    ),
)
async def list_images(
    request: Request,
    request_id: RequestId,
    deps: Deps,
    tenant: Tenant,
    *,
    state: ImagesIn = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    first = parse_ordinal(cursor) if cursor else 0
    record = await deps.lookup.find(tenant, request_id)
    rows = await deps.reader.images(record.id, first, state, limit + 1)
    items = [v1_image(row, deps.presenter.links) for row in rows[:limit]]
    following = str(rows[limit]["ordinal"]) if len(rows) > limit else None
    return page_answer(request, items, following)


@router.api_route(
    "/requests/{request_id}/deliveries",
    methods=READ,
    **keyed_operation(
        "listDeliveries",
        "The webhook's deliveries, one a run",
        {"200": described.deliveries(), **NOT_MODIFIED},
        page_too_large(),
        unknown_cursor(),
        request_not_found(),
    ),
)
async def list_deliveries(
    request: Request,
    request_id: RequestId,
    deps: Deps,
    tenant: Tenant,
    *,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Response:
    first = parse_ordinal(cursor) if cursor else 0
    record = await deps.lookup.find(tenant, request_id)
    deliveries = await deps.reader.deliveries(record.id, first, limit + 1)
    shown = deliveries[:limit]
    attempts: dict[UUID, list[Row]] = {}
    for attempt in await deps.reader.attempts([row["webhook_id"] for row in shown]):
        attempts.setdefault(attempt["webhook_id"], []).append(attempt)
    items = [v1_delivery(row, attempts.get(row["webhook_id"], [])) for row in shown]
    following = str(deliveries[limit]["run"]) if len(deliveries) > limit else None
    return page_answer(request, items, following)
