"""What /v1 answers to readers: a request, the list of them, its images and deliveries, the feed of ends."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic_core import from_json

from services.status.api.dependencies import Deps, Tenant
from services.status.api.json_answers import (
    READ,
    cursor_of,
    page,
    page_answer,
    parse_cursor,
    tagged_answer,
    unknown_cursor,
)
from services.status.api.long_poll import status_with_news
from services.status.reading.lookup import parse_request_id
from services.status.reading.reader import Row
from services.status.records.states import ImageState
from services.status.rendering.v1 import v1_delivery, v1_image, v1_summary
from services.status.rendering.values import Json
from shared.contract.events import RequestState, utc_text

LONGEST_WAIT_SECONDS = 30.0
END_OF_TIME = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=2**128 - 1))
_LAST_INTEGER = 2**31 - 1
_LAST_SEQUENCE = 2**63 - 1


Limit = Annotated[int, Query(ge=1, le=1000)]

router = APIRouter(prefix="/v1")


@router.api_route("/requests/{request_id}", methods=READ)
async def get_request(
    request: Request,
    request_id: str,
    deps: Deps,
    tenant: Tenant,
    wait: Annotated[float, Query(ge=0, allow_inf_nan=False)] = 0,
) -> Response:
    record = await deps.lookup.find(tenant, request_id)
    if wait and not record.ended:
        status = await status_with_news(request, deps, record, min(wait, LONGEST_WAIT_SECONDS))
    else:
        status = await deps.presenter.status(record)
    return tagged_answer(request, status)


@router.api_route("/requests", methods=READ)
async def list_requests(
    request: Request,
    deps: Deps,
    tenant: Tenant,
    *,
    state: RequestState | None = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> Response:
    before = parse_cursor(cursor) if cursor else END_OF_TIME
    records = await deps.reader.requests_of_tenant(tenant, before, state, limit + 1)
    shown = records[:limit]
    following = cursor_of(shown[-1].created_at, shown[-1].id) if len(records) > limit else None
    now = deps.presenter.now()
    return tagged_answer(request, page([v1_summary(each, now) for each in shown], following))


@router.api_route("/requests/{request_id}/images", methods=READ)
async def list_images(
    request: Request,
    request_id: str,
    deps: Deps,
    tenant: Tenant,
    *,
    state: ImageState | None = None,
    cursor: Annotated[int, Query(ge=0, le=_LAST_INTEGER)] = 0,
    limit: Limit = 100,
) -> Response:
    record = await deps.lookup.find(tenant, request_id)
    rows = await deps.reader.images(record.id, cursor, state, limit + 1)
    items = [v1_image(row, deps.presenter.links) for row in rows[:limit]]
    following = str(rows[limit]["ordinal"]) if len(rows) > limit else None
    return page_answer(request, items, following)


@router.api_route("/requests/{request_id}/deliveries", methods=READ)
async def list_deliveries(
    request: Request,
    request_id: str,
    deps: Deps,
    tenant: Tenant,
    *,
    cursor: Annotated[int, Query(ge=0, le=_LAST_INTEGER)] = 0,
    limit: Limit = 100,
) -> Response:
    record = await deps.lookup.find(tenant, request_id)
    deliveries = await deps.reader.deliveries(record.id, cursor, limit + 1)
    shown = deliveries[:limit]
    attempts: dict[UUID, list[Row]] = {}
    for attempt in await deps.reader.attempts([row["webhook_id"] for row in shown]):
        attempts.setdefault(attempt["webhook_id"], []).append(attempt)
    items = [v1_delivery(row, attempts.get(row["webhook_id"], [])) for row in shown]
    following = str(deliveries[limit]["run"]) if len(deliveries) > limit else None
    return page_answer(request, items, following)


@router.api_route("/events", methods=READ)
async def list_events(
    request: Request, deps: Deps, tenant: Tenant, after: str | None = None, limit: Limit = 100
) -> Response:
    sequence = await _sequence_of(deps, tenant, after)
    rows = await deps.reader.completions_after(tenant, sequence, limit)
    # A reader that has reached the end goes on later from the last cursor it got.
    following = str(rows[-1]["sequence"]) if rows else None
    return page_answer(request, [_event(row) for row in rows], following)


async def _sequence_of(deps: Deps, tenant: str, after: str | None) -> int:
    """`after` is a cursor that this API gave, or simply the id of the last event that was read."""
    if not after:
        return 0
    if after.isascii() and after.isdigit() and int(after[:20]) <= _LAST_SEQUENCE:
        return int(after)
    event_id = parse_request_id(after)
    sequence = await deps.reader.completion_sequence(tenant, event_id) if event_id else None
    if sequence is None:
        raise unknown_cursor()
    return sequence


def _event(row: Row) -> dict[str, Any]:
    body: Json = from_json(row["body"])
    return {
        "id": str(row["event_id"]),
        "type": "request.completed",
        "time": utc_text(row["completed_at"]),
        "data": body,
    }
