"""`?wait=`: holds an answer back until there is something to tell."""

import asyncio

from fastapi import Request

from services.status.api.answers.json_answers import entity_tag, is_known
from services.status.api.dependencies import Dependencies
from services.status.reading.watchers import Snapshot, Watch
from services.status.records.request import RequestRecord
from services.status.rendering.values import Json
from shared.web.readers import LISTENER_BYTES


async def status_with_news(
    request: Request, deps: Dependencies, record: RequestRecord, wait_seconds: float
) -> Json:
    """The status at the end of the run; for a caller that names what it knows (If-None-Match), as soon as
    anything is new; as it is when the time is over.
    """
    snapshot = await deps.presenter.snapshot(record)
    if _is_news(request, snapshot):
        return snapshot.status
    place = deps.readers.one_of(record.tenant, LISTENER_BYTES)
    with place, deps.watchers.watch(snapshot) as watch:
        news = await _next_news(request, watch, wait_seconds)
    if watch.closed:  # deleted, perhaps
        return deps.presenter.status(await deps.lookup.find(record.tenant, str(record.id)))
    if news is None:  # rendered anew: the time that is left has moved
        return deps.presenter.status(watch.latest.record)
    return news.status


async def _next_news(request: Request, watch: Watch, wait_seconds: float) -> Snapshot | None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_seconds
    while not watch.closed:
        latest = watch.latest
        if _is_news(request, latest):
            return latest
        seconds = deadline - loop.time()
        if seconds <= 0:
            return None
        await watch.news(latest, seconds)
    return None


def _is_news(request: Request, snapshot: Snapshot) -> bool:
    if snapshot.record.ended:
        return True
    if "if-none-match" not in request.headers:
        return False
    return not is_known(request, entity_tag(snapshot.status))
