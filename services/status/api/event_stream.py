"""Listening to one request: the server-sent stream of its progress up to its end."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from services.status.api.answers.streaming import nothing
from services.status.api.dependencies import Dependencies, Deps, Tenant
from services.status.api.openapi import v1 as described
from services.status.api.openapi.operation import keyed_operation
from services.status.api.parameters import RequestId
from services.status.reading.watchers import Snapshot
from shared.observing.metrics import EVENT_STREAMS_RENEWED
from shared.web.problems import request_not_found
from shared.web.readers import LISTENER_BYTES, count_reader

HEARTBEAT_SECONDS = 15.0
LIFETIME_SECONDS = 900.0
"""After so long a stream ends although the run goes on; its client connects again, perhaps to another
process, and begins with how it stands then."""

router = APIRouter()


@router.get(
    "/v1/requests/{request_id}/events",
    **keyed_operation(
        "streamEvents",
        "Progress as it happens, up to the end",
        {"200": described.event_stream()},
        request_not_found(),
    ),
)
async def stream_events(request: Request, request_id: RequestId, deps: Deps, tenant: Tenant) -> Response:
    record = await deps.lookup.find(tenant, request_id)
    count_reader(request, held_bytes=LISTENER_BYTES)
    snapshot = await deps.presenter.snapshot(record)
    return _event_stream(_frames(deps, snapshot))


@router.head("/v1/requests/{request_id}/events", include_in_schema=False)
async def stream_nothing(request_id: str, deps: Deps, tenant: Tenant) -> Response:
    await deps.lookup.find(tenant, request_id)
    return _event_stream(nothing())


def _event_stream(frames: AsyncIterator[bytes]) -> Response:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(frames, media_type="text/event-stream", headers=headers)


async def _frames(deps: Dependencies, snapshot: Snapshot) -> AsyncIterator[bytes]:
    """Begins with a snapshot, so that a resumed stream needs no memory of the one before."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + LIFETIME_SECONDS
    with deps.watchers.watch(snapshot) as watch:
        seen = watch.latest
        yield _frame("progress", seen.rendered)
        while not (seen.record.ended or watch.closed):
            left_seconds = ends - loop.time()
            if left_seconds <= 0:
                EVENT_STREAMS_RENEWED.inc()
                return
            await watch.news(seen, min(HEARTBEAT_SECONDS, left_seconds))
            if watch.latest is seen:
                yield b": still here\n\n"
                continue
            seen = watch.latest
            yield _frame("progress", seen.rendered)
    if seen.completion is not None:
        event_id, body = seen.completion
        yield _frame("request.completed", body.encode(), str(event_id))


def _frame(event: str, data: bytes, event_id: str | None = None) -> bytes:
    """`data` is compact JSON, so it holds no line break."""
    head = f"event: {event}\n" + (f"id: {event_id}\n" if event_id else "")
    return head.encode() + b"data: " + data + b"\n\n"
