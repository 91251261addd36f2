"""News of a request, by a long poll or by the stream of its events."""

import asyncio
import time
from dataclasses import replace
from uuid import UUID

import pytest

from services.status.api import v1
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.status_world import CREATED, StatusWorld, calling, served

FOR_EVER_SECONDS = 10 * DEADLINE_SECONDS


@pytest.fixture(autouse=True)
def a_long_poll_may_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that nothing wakes hangs; half a minute might be a busy machine's."""
    monkeypatch.setattr(v1, "LONGEST_WAIT_SECONDS", FOR_EVER_SECONDS)


async def test_a_long_poll_returns_when_the_request_ends(world: StatusWorld) -> None:
    request_id = await world.add_with_images(["planned", "planned"])
    polling = asyncio.create_task(world.get(f"/v1/requests/{request_id}?wait={FOR_EVER_SECONDS}"))
    await _until_watched(world, request_id)
    await world.update(request_id, "done = 1")
    await world.update(request_id, "state = 'completed', done = 2, completed_at = now()")
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert (await polling).json()["state"] == "completed"


async def test_a_long_poll_of_one_who_knows_returns_at_anything_new(world: StatusWorld) -> None:
    request_id = await world.add_with_images(["planned", "planned"])
    path = f"/v1/requests/{request_id}"
    tag = (await world.get(path)).headers["etag"]
    polling = asyncio.create_task(
        world.get(f"{path}?wait={FOR_EVER_SECONDS}", headers={"If-None-Match": tag})
    )
    await _until_watched(world, request_id)
    await world.update(request_id, "done = 1")
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert (await polling).json()["progress"] == 50.0


async def test_a_long_poll_without_news_ends_in_time(world: StatusWorld) -> None:
    request_id = await world.add_with_images(["planned"])
    began = time.monotonic()
    async with asyncio.timeout(DEADLINE_SECONDS):
        answer = await world.get(f"/v1/requests/{request_id}?wait=0.3")
    assert answer.json()["state"] == "processing"
    assert time.monotonic() - began >= 0.3


async def test_no_long_poll_lasts_for_longer_than_the_longest(
    world: StatusWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(v1, "LONGEST_WAIT_SECONDS", 0.1)
    request_id = await world.add_with_images(["planned"])
    async with asyncio.timeout(DEADLINE_SECONDS):
        answer = await world.get(f"/v1/requests/{request_id}?wait={FOR_EVER_SECONDS}")
    assert answer.json()["state"] == "processing"


async def test_a_long_poll_whose_time_is_over_tells_what_came_meanwhile(world: StatusWorld) -> None:
    request_id = await world.add_with_images(["planned", "planned"])
    seen = replace(await world.deps.lookup.find(world.tenant, str(request_id)), done=1)
    with world.deps.watchers.watch(await world.deps.presenter.snapshot(seen)):
        answer = await world.get(f"/v1/requests/{request_id}?wait=0.01")
    assert answer.json()["progress"] == 50.0


@pytest.mark.parametrize("wait", ["-1", "nan", "inf", "soon"])
async def test_a_wait_that_is_no_time_is_a_problem(world: StatusWorld, wait: str) -> None:
    request_id = await world.add_with_images(["planned"])
    assert (await world.get(f"/v1/requests/{request_id}?wait={wait}")).status_code == 400


async def _until_watched(world: StatusWorld, request_id: UUID, listeners: int = 1) -> None:
    watches = world.deps.watchers._watches
    async with asyncio.timeout(DEADLINE_SECONDS):
        while request_id not in watches or watches[request_id].listeners < listeners:
            await asyncio.sleep(0.01)


async def test_the_event_stream_tells_progress_and_ends_with_the_completion(world: StatusWorld) -> None:
    request_id = await world.add_with_images(["planned", "planned"])
    async with served(world.app) as address, calling(address) as client:
        streaming = asyncio.create_task(
            client.get(f"/v1/requests/{request_id}/events", headers={"X-API-Key": world.tenant})
        )
        await _until_watched(world, request_id)
        await world.update(request_id, "done = 1")
        async with asyncio.timeout(DEADLINE_SECONDS):
            while world.deps.watchers._watches[request_id].latest.record.done != 1:
                await asyncio.sleep(0.01)
        event_id = await world.add_completion(request_id, {"type": "request.completed"})
        await world.update(request_id, "state = 'completed', done = 2, completed_at = now()")
        async with asyncio.timeout(DEADLINE_SECONDS):
            answer = await streaming
    assert answer.headers["content-type"].startswith("text/event-stream")
    frames = answer.text.removesuffix("\n\n").split("\n\n")
    assert [frame.splitlines()[0] for frame in frames] == [
        *["event: progress"] * 3,
        "event: request.completed",
    ]
    assert '"progress":50.0' in frames[1]
    assert frames[-1] == (f'event: request.completed\nid: {event_id}\ndata: {{"type":"request.completed"}}')
    assert world.deps.watchers._watches == {}


async def test_an_event_stream_that_is_resumed_begins_with_a_snapshot(world: StatusWorld) -> None:
    request_id = await world.add_request(state="completed", completed_at=CREATED)
    event_id = await world.add_completion(request_id, {"run": 1})
    for headers in ({}, {"Last-Event-ID": str(event_id)}):
        answer = await world.get(f"/v1/requests/{request_id}/events", headers=headers)
        assert answer.text.startswith("event: progress\ndata: {")
        assert answer.text.endswith(f'event: request.completed\nid: {event_id}\ndata: {{"run":1}}\n\n')


async def test_listeners_are_let_go_when_the_request_is_deleted(world: StatusWorld) -> None:
    request_id = await world.add_with_images(["planned"])
    async with served(world.app) as address, calling(address) as client:
        headers = {"X-API-Key": world.tenant}
        streaming = asyncio.create_task(client.get(f"/v1/requests/{request_id}/events", headers=headers))
        polling = asyncio.create_task(
            client.get(f"/v1/requests/{request_id}?wait={FOR_EVER_SECONDS}", headers=headers)
        )
        await _until_watched(world, request_id, listeners=2)
        await world.update(request_id, "deleted_at = now()")
        async with asyncio.timeout(DEADLINE_SECONDS):
            assert (await polling).status_code == 404
            assert (await streaming).text.count("event:") == 1
