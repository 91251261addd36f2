"""The server-sent stream with many listeners: what they cost, and that none holds up another."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from fastapi import Request

from services.status.api import event_stream
from services.status.api.event_stream import stream_events
from services.status.postgres.statements import SQL
from services.status.reading.database import Database
from shared.observing.metrics import EVENT_STREAMS_RENEWED
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.status_world import StatusWorld, open_world

LISTENERS = 100


@pytest.fixture
async def world(database: str) -> AsyncIterator[StatusWorld]:
    async with open_world(database, poll_seconds=0.02) as world:
        yield world


@dataclass
class CountingReads:
    """Which queries the API asked Postgres, beside the answers."""

    database: Database
    asked: list[str] = field(default_factory=list)

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Any]:
        self.asked.append(next(name for name, text in SQL.items() if text == sql))
        return await self.database.fetch(sql, *arguments)


async def listen(world: StatusWorld, request_id: UUID) -> AsyncGenerator[bytes, None]:
    """The frames as they would go out to one listener; nothing goes on while it does not take them."""
    answer = await stream_events(Request({"type": "http"}), str(request_id), world.deps, world.tenant)
    frames: AsyncGenerator[bytes, None] = answer.body_iterator  # type: ignore[attr-defined] # it streams
    return frames


async def take_until(frames: AsyncGenerator[bytes, None], part: bytes) -> list[bytes]:
    """Frames up to the first that holds this."""
    taken: list[bytes] = []
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not taken or part not in taken[-1]:
            taken.append(await anext(frames))
    return taken


async def test_a_hundred_listeners_ask_the_database_no_more_than_one(world: StatusWorld) -> None:
    """R05"""
    request_id = await world.add_request(state="processing", images=9)
    streams = [await listen(world, request_id) for _ in range(LISTENERS)]
    await asyncio.gather(*(anext(frames) for frames in streams))
    reads = CountingReads(world.deps.reader._database)
    world.deps.reader._database = reads
    await world.update(request_id, "done = 1")
    await asyncio.gather(*(take_until(frames, b'"done":1') for frames in streams))
    event_id = await world.add_completion(request_id, {"run": 1})
    await world.update(request_id, "state = 'completed', done = 9, completed_at = now()")
    last = await asyncio.gather(*(take_until(frames, b"request.completed") for frames in streams))
    assert {frames[-1] for frames in last} == {
        f'event: request.completed\nid: {event_id}\ndata: {{"run":1}}\n\n'.encode()
    }
    assert reads.asked.count("completion") == 1
    assert set(reads.asked) == {"requests_by_id", "completion"}


async def test_a_listener_that_takes_nothing_holds_up_nobody_and_then_sees_only_the_latest(
    world: StatusWorld,
) -> None:
    request_id = await world.add_request(state="processing", images=50)
    slow, quick = await listen(world, request_id), await listen(world, request_id)
    await anext(slow)
    for done in range(1, 21):
        await world.update(request_id, f"done = {done}")
        await take_until(quick, b'"done":%d,' % done)
    assert b'"done":20,' in await anext(slow)


async def test_a_quiet_stream_shows_that_it_lives(
    world: StatusWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_stream, "HEARTBEAT_SECONDS", 0.05)
    request_id = await world.add_request(state="processing", images=1)
    frames = await listen(world, request_id)
    await anext(frames)
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert (await anext(frames)).startswith(b":")
        assert (await anext(frames)).startswith(b":")
    await world.update(request_id, "done = 1")
    await take_until(frames, b'"done":1')


async def test_a_listener_that_leaves_is_forgotten(world: StatusWorld) -> None:
    request_id = await world.add_request(state="processing", images=1)
    frames = await listen(world, request_id)
    await anext(frames)
    assert request_id in world.deps.watchers._watches
    await frames.aclose()
    assert world.deps.watchers._watches == {}


async def test_a_stream_ends_by_its_age_and_the_next_begins_with_how_it_stands(
    world: StatusWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20: nobody holds a place for ever."""
    request_id = await world.add_request(state="processing", images=2)
    monkeypatch.setattr(event_stream, "LIFETIME_SECONDS", 0.1)
    renewed = EVENT_STREAMS_RENEWED._value.get()
    async with asyncio.timeout(DEADLINE_SECONDS):
        frames = [frame async for frame in await listen(world, request_id)]
    assert frames[0].startswith(b"event: progress\n")
    assert not any(b"request.completed" in frame for frame in frames)
    assert EVENT_STREAMS_RENEWED._value.get() == renewed + 1
    assert world.deps.watchers._watches == {}
    await world.update(request_id, "done = 1")
    assert b'"done":1' in await anext(await listen(world, request_id))
