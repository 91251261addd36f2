"""The feed of ends: every completion of a tenant's requests in order, for who follows them by a cursor."""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic_core import from_json

from services.status.api.answers.json_answers import page_answer, parse_number
from services.status.api.answers.refusals import unknown_cursor
from services.status.api.dependencies import Deps, Tenant
from services.status.api.openapi import v1 as described
from services.status.api.openapi.operation import NOT_MODIFIED, keyed_operation
from services.status.api.parameters import After, Limit, page_too_large
from services.status.reading.lookup import parse_request_id
from services.status.records.database_row import Row
from services.status.rendering.values import Json
from shared.contract.events import utc_text
from shared.web.methods import READ

_LAST_SEQUENCE = 2**63 - 1

router = APIRouter(prefix="/v1")


@router.api_route(
    "/events",
    methods=READ,
    **keyed_operation(
        "listEvents",
        "The ends of all your requests",
        {"200": described.events(), **NOT_MODIFIED},
        page_too_large(),
        unknown_cursor(),
    ),
)
async def list_events(
    request: Request, deps: Deps, tenant: Tenant, after: After = None, limit: Limit = 100
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
    number = parse_number(after, _LAST_SEQUENCE)
    if number is not None:
        return number
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
