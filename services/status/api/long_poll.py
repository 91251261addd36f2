"""`?wait=`: holds an answer back until there is something to tell."""

import asyncio

from fastapi import Request
from pydantic_core import from_json

from services.status.api.dependencies import Dependencies
from services.status.api.json_answers import entity_tag, is_known
from services.status.reading.watchers import Snapshot
from services.status.records.request import RequestRecord


async def wait_for_news(
    request: Request, deps: Dependencies, record: RequestRecord, wait_seconds: float
) -> RequestRecord:
    """Waits for the end of the run; a caller that names what it knows (If-None-Match) for anything new."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_seconds
    snapshot = await deps.presenter.snapshot(record)
    with deps.watchers.watch(snapshot) as watch:
        snapshot = watch.latest
        while not (_is_worth_telling(request, snapshot) or watch.closed):
            seconds = deadline - loop.time()
            if seconds <= 0:
                break
            await watch.news(snapshot, seconds)
            snapshot = watch.latest
    if watch.closed:  # deleted, perhaps
        return await deps.lookup.find(record.tenant, str(record.id))
    return snapshot.record


def _is_worth_telling(request: Request, snapshot: Snapshot) -> bool:
    if snapshot.record.ended:
        return True
    if "if-none-match" not in request.headers:
        return False
    return not is_known(request, entity_tag(from_json(snapshot.status)))
