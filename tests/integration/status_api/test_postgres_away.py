"""Postgres away: stopped, frozen, used up, or a row locked. Every endpoint says so soon, and everything works
again by itself. Whoever waited for a statement's or a lock's own end, and not for a read's, would hang.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx
import pytest

from deploy.local.free_ports import free_port
from deploy.local.testing import RunningServer
from tests.worlds.patience import DEADLINE_SECONDS, LOOK_AGAIN_SECONDS, until
from tests.worlds.postgres.databases import new_database
from tests.worlds.processes.freezing import freeze_with_children, thaw
from tests.worlds.services.status_world import StatusWorld, new_id, open_world

NEVER_SECONDS = 10 * DEADLINE_SECONDS


@pytest.fixture(scope="module")
def database(breakable_postgres: tuple[str, RunningServer]) -> str:
    return new_database(breakable_postgres[0])


@pytest.fixture
async def world(database: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[StatusWorld]:
    monkeypatch.setattr("services.status.postgres.pool.LOCK_SECONDS", NEVER_SECONDS)
    async with open_world(database, statement_seconds=NEVER_SECONDS, is_patient=False) as world:
        yield world


@contextmanager
def frozen(running: RunningServer) -> Iterator[None]:
    """The server and its sessions."""
    pids = freeze_with_children(running.child.pid)
    try:
        yield
    finally:
        thaw(*pids)


async def every_endpoint_is_away(world: StatusWorld, request_id: object) -> None:
    base = f"/v1/requests/{request_id}"
    reads = ["", "?wait=5", "/images", "/deliveries", "/events", "/output.csv"]
    paths = [base + part for part in reads] + ["/v1/requests", "/v1/events"]
    paths += [f"{way}/{request_id}" for way in ("/status", "/api/status", "/download", "/api/download")]
    key = f"requests/{request_id}/output/0-{'0' * 32}.jpg"
    world.store.objects[key] = b"x"
    paths.append(f"/v1/files/{key}")
    calls = [("GET", path) for path in paths]
    calls += [("POST", f"{base}{part}") for part in ("/cancel", "/retry", "/deliveries/redeliver")]
    calls.append(("DELETE", base))
    async with world.client() as client, asyncio.timeout(DEADLINE_SECONDS):
        answers = await asyncio.gather(*(client.request(method, path) for method, path in calls))
    assert [answer.status_code for answer in answers] == [503] * len(calls)
    assert all(answer.headers["retry-after"] for answer in answers)
    assert all(answer.headers["content-type"] == "application/problem+json" for answer in answers)


async def works_again(world: StatusWorld, request_id: object) -> None:
    async def is_answered() -> bool:
        return (await world.get(f"/v1/requests/{request_id}")).status_code == 200

    await until(is_answered)


async def test_a_frozen_server_is_away_soon_and_back_by_itself(
    world: StatusWorld, breakable_postgres: tuple[str, RunningServer]
) -> None:
    request_id = await world.add_request(state="processing", images=1)
    await asyncio.gather(*(world.get(f"/v1/requests/{request_id}") for _ in range(8)))  # fills the pool
    with frozen(breakable_postgres[1]):
        await every_endpoint_is_away(world, request_id)
        await every_endpoint_is_away(world, request_id)
    await works_again(world, request_id)


async def test_a_stopped_server_is_away_and_back_by_itself(
    world: StatusWorld, breakable_postgres: tuple[str, RunningServer]
) -> None:
    request_id = await world.add_request(state="processing", images=1)
    running = breakable_postgres[1]
    await asyncio.to_thread(running.stop)
    try:
        await every_endpoint_is_away(world, request_id)
    finally:
        running.start()
        await asyncio.to_thread(running.wait_until_ready)
    await works_again(world, request_id)


async def test_a_row_that_stays_locked_delays_no_reader_and_no_caller_for_long(
    world: StatusWorld, database: str
) -> None:
    request_id = await world.add_request(state="processing", images=1)
    holder = await asyncpg.connect(database)
    try:
        async with holder.transaction():
            await holder.execute("SELECT 1 FROM requests WHERE id = $1 FOR UPDATE", request_id)
            await works_again(world, request_id)
            async with world.client() as client, asyncio.timeout(DEADLINE_SECONDS):
                answer = await client.post(f"/v1/requests/{request_id}/cancel")
            assert answer.status_code == 503
    finally:
        await holder.close()

    async def is_cancelled() -> bool:
        async with world.client() as client:
            return (await client.post(f"/v1/requests/{request_id}/cancel")).status_code == 202

    await until(is_cancelled)


async def streamed(world: StatusWorld, request_id: object) -> str:
    """The stream of whoever calls again, as clients do where the machine is slow."""
    while (answer := await world.get(f"/v1/requests/{request_id}/events")).status_code != 200:
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return answer.text


async def test_an_event_stream_outlives_a_frozen_server(
    world: StatusWorld, breakable_postgres: tuple[str, RunningServer]
) -> None:
    request_id = await world.add_request(state="processing", images=1)
    streaming = asyncio.create_task(streamed(world, request_id))
    await until(lambda: request_id in world.deps.watchers._watches)
    with frozen(breakable_postgres[1]):
        await every_endpoint_is_away(world, request_id)
    await works_again(world, request_id)
    event_id = await world.add_completion(request_id, {"run": 1})
    await world.update(request_id, "state = 'completed', done = 1, completed_at = now()")
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert f"id: {event_id}" in await streaming


@pytest.fixture
def lonely_service(tmp_path: Path) -> Iterator[str]:
    """The real process while broker and database are away; gives its address."""
    port, nobody = free_port(), free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "KAFKA_BOOTSTRAP": f"127.0.0.1:{nobody}",
        "POSTGRES_DSN": f"postgresql://x:y@127.0.0.1:{nobody}/z",
        "STORE_URL": tmp_path.as_uri(),
        "PUBLIC_URL": "http://127.0.0.1",
        "AUTH": "off",
        "DRAIN_SECONDS": "2",
    }
    with subprocess.Popen([sys.executable, "-m", "services.status"], env=environment) as process:
        yield f"http://127.0.0.1:{port}"
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_SECONDS) == 0


async def test_the_service_starts_and_says_so_while_all_it_needs_is_away(lonely_service: str) -> None:
    async with httpx.AsyncClient(base_url=lonely_service, timeout=DEADLINE_SECONDS) as client:
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not await _answers(client):
                await asyncio.sleep(0.1)
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert "database" in ready.json()["reasons"]
        answer = await client.get(f"/v1/requests/{new_id(datetime.now(UTC))}")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert (await client.get("/livez")).status_code == 200


async def _answers(client: httpx.AsyncClient) -> bool:
    try:
        await client.get("/livez")
    except httpx.TransportError:
        return False
    return True
