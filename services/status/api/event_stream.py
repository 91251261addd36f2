"""Listening to one request: the long poll, and the server-sent stream of its progress up to its end."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from pydantic_core import from_json

from services.status.api.dependencies import Parts, PartsOf, Tenant
from services.status.api.json_answers import entity_tag, is_known
from services.status.api.object_answers import nothing
from services.status.reading.watchers import Snapshot
from services.status.records.request import RequestRecord

HEARTBEAT_SECONDS = 15.0

router = APIRouter()


async def wait_for_news(
    request: Request, parts: Parts, record: RequestRecord, wait_seconds: float
) -> RequestRecord:
    """Waits for the end of the run; a caller that names what it knows (If-None-Match) for anything new."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_seconds
    snapshot = await parts.presenter.snapshot(record)
    with parts.watchers.watch(snapshot) as watch:
        snapshot = watch.latest
        while not (_is_worth_telling(request, snapshot) or watch.closed):
            seconds = deadline - loop.time()
            if seconds <= 0:
                break
            await watch.news(snapshot, seconds)
            snapshot = watch.latest
    if watch.closed:  # deleted, perhaps
        return await parts.lookup.find(record.tenant, str(record.id))
    return snapshot.record


def _is_worth_telling(request: Request, snapshot: Snapshot) -> bool:
    if snapshot.record.ended:
        return True
    if "if-none-match" not in request.headers:
        return False
    return not is_known(request, entity_tag(from_json(snapshot.status)))


@router.get("/v1/requests/{request_id}/events")
async def stream_events(request_id: str, parts: PartsOf, tenant: Tenant) -> Response:
    record = await parts.lookup.find(tenant, request_id)
    snapshot = await parts.presenter.snapshot(record)
    return _event_stream(_frames(parts, snapshot))


@router.head("/v1/requests/{request_id}/events")
async def stream_nothing(request_id: str, parts: PartsOf, tenant: Tenant) -> Response:
    await parts.lookup.find(tenant, request_id)
    return _event_stream(nothing())


def _event_stream(frames: AsyncIterator[bytes]) -> Response:
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(frames, media_type="text/event-stream", headers=headers)


async def _frames(parts: Parts, snapshot: Snapshot) -> AsyncIterator[bytes]:
    """Begins with a snapshot, so that a resumed stream needs no memory of the one before."""
    with parts.watchers.watch(snapshot) as watch:
        seen = watch.latest
        yield _frame("progress", seen.status)
        while not (seen.record.ended or watch.closed):
            await watch.news(seen, HEARTBEAT_SECONDS)
            if watch.latest is seen:
                yield b": still here\n\n"
                continue
            seen = watch.latest
            yield _frame("progress", seen.status)
    if seen.completion is not None:
        event_id, body = seen.completion
        yield _frame("request.completed", body.encode(), str(event_id))


def _frame(event: str, data: bytes, event_id: str | None = None) -> bytes:
    """`data` is compact JSON, so it holds no line break."""
    head = f"event: {event}\n" + (f"id: {event_id}\n" if event_id else "")
    return head.encode() + b"data: " + data + b"\n\n"
