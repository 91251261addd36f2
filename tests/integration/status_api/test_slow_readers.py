"""Readers that stop reading: what they hold is bounded in bytes, others are answered, and they are let go."""

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from services.status.api.answers.streaming import PAGED_STREAM_BYTES
from services.status.api.app import make_app
from shared.observing.health import Health
from shared.store import open_store
from shared.web import readers
from shared.web.readers import LISTENER_BYTES, STREAM_BYTES, Readers
from shared.web.server import stalled_readers
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.services.status_world import CREATED, EXPIRES, StatusWorld, calling, open_world, served

FOR_EVER_SECONDS = 10 * DEADLINE_SECONDS
READERS = 200
FILE_BYTES = 32 * 1024 * 1024
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
HASH = "0123456789abcdef0123456789abcdef"
OUTPUT_KEY = "requests/x/output-1.csv"
ENDED = {
    "state": "completed",
    "completed_at": CREATED,
    "expires_at": EXPIRES,
    "output_csv_path": OUTPUT_KEY,
}


@pytest.fixture
async def world(database: str, tmp_path: Path) -> AsyncIterator[StatusWorld]:
    async with open_world(database, store=open_store(f"file://{tmp_path}")) as world:
        yield world


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


def begun(address: str, path: str, tenant: str | None) -> tuple[socket.socket, int]:
    """A reader that takes the head of the answer, with its status, and nothing more."""
    host, port = address.removeprefix("http://").split(":")
    reader = socket.socket()
    reader.settimeout(DEADLINE_SECONDS)
    reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    reader.connect((host, int(port)))
    key = "" if tenant is None else f"X-API-Key: {tenant}\r\n"
    reader.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n{key}\r\n".encode())
    found = re.match(rb"HTTP/1.1 (\d+) ", reader.recv(64))
    assert found
    return reader, int(found[1])


async def begin(held: ExitStack, address: str, path: str, tenant: str | None, count: int) -> Sequence[int]:
    """The answers' statuses."""
    statuses = []
    for _ in range(count):
        reader, status = await asyncio.to_thread(begun, address, path, tenant)
        held.enter_context(reader)
        statuses.append(status)
    return statuses


async def all_are_let_go(world: StatusWorld) -> None:
    await until(lambda: not world.deps.readers.held_bytes)


async def test_readers_that_stop_hold_little_and_others_are_answered(
    world: StatusWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R09 R14 R20: 40 of them took 900 MB. 10 s."""
    monkeypatch.setattr(stalled_readers, "STALLED_SECONDS", FOR_EVER_SECONDS)  # however slowly they come
    await world.deps.store.put(OUTPUT_KEY, bytes(FILE_BYTES))
    request_id = await world.add_request(**ENDED)
    theirs = await world.add_request(**ENDED, tenant="another")
    path, before = f"/v1/requests/{request_id}/output.csv", resident_bytes()
    async with served(world.app) as address, calling(address) as client:
        with ExitStack() as held:
            statuses = await begin(held, address, path, world.tenant, READERS)
            share = readers.MOST_BYTES // STREAM_BYTES // 2
            assert statuses == [200] * share + [429] * (READERS - share)
            assert resident_bytes() - before < readers.MOST_BYTES // 2
            mine, other = {"X-API-Key": world.tenant}, {"X-API-Key": "another"}
            assert (await client.get(f"/v1/requests/{request_id}", headers=mine)).status_code == 200
            refused = await client.get(path, headers=mine)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
            assert refused.json()["type"].endswith("/too-many-readers")
            whole = await client.get(f"/v1/requests/{theirs}/output.csv", headers=other)
            assert (whole.status_code, len(whole.content)) == (200, FILE_BYTES)
            with monkeypatch.context() as patch:
                patch.setattr(stalled_readers, "STALLED_SECONDS", 0.1)  # of those that come now
                statuses = await begin(held, address, f"/v1/requests/{theirs}/output.csv", "another", 20)
                assert statuses == [200] * 20
                await until(lambda: world.deps.readers.held_bytes <= share * STREAM_BYTES)
        await all_are_let_go(world)
        assert (await client.get(path, headers=mine)).status_code == 200


async def test_readers_of_public_files_take_of_the_share_of_whose_files_they_are(
    world: StatusWorld,
) -> None:
    """R20: no key is needed for them."""
    request_id, theirs = await world.add_request(**ENDED), await world.add_request(**ENDED, tenant="another")
    paths = {}
    for each in (request_id, theirs):
        key = f"requests/{each}/output/0-{HASH}.jpg"
        paths[each] = f"/v1/files/{key}"
        await world.deps.store.put(key, bytes(2 * 1024 * 1024))
    app = make_app(world.deps, Health())
    async with served(app) as address, calling(address) as client:
        with ExitStack() as held:
            share = readers.MOST_BYTES // STREAM_BYTES // 2
            statuses = await begin(held, address, paths[request_id], None, share + 1)
            assert statuses == [200] * share + [429]
            assert (await client.get(paths[theirs])).status_code == 200
    await all_are_let_go(world)


async def test_a_large_answer_holds_what_it_is_and_a_status_of_as_much_is_streamed(
    world: StatusWorld,
) -> None:
    """R20: 1,000 images with long URLs are megabytes, as often as they are asked for."""
    request_id = await world.add_request(state="processing", products=1, images=1_000, planned_images=1_000)
    await world.add_product(request_id, 0, 1_000, 0)
    await world.pool.execute(
        "INSERT INTO images (request_id, ordinal, id, product_number, product_id, input_url, state)"
        " SELECT $1, n, gen_random_uuid(), 0, gen_random_uuid(), 'https://a/' || repeat('x', 2000), 'planned'"
        " FROM generate_series(0, 999) n",
        request_id,
    )
    async with served(world.app) as address:
        for path, held_bytes in (
            (f"/status/{request_id}", lambda _: PAGED_STREAM_BYTES),
            (f"/v1/requests/{request_id}/images?limit=1000", len),
        ):
            whole = await world.get(path)
            assert len(whole.content) > 2_000_000
            with ExitStack() as held:
                assert await begin(held, address, path, world.tenant, 3) == [200] * 3
                assert world.deps.readers.held_bytes == 3 * held_bytes(whole.content)
            await all_are_let_go(world)


async def test_listeners_have_a_share_too(world: StatusWorld) -> None:
    """R20: of the stream, and of answers that are held back."""
    few = Readers(4 * LISTENER_BYTES)
    world.deps = replace(world.deps, readers=few)
    request_id = await world.add_request(state="processing", images=1)
    app = make_app(world.deps, Health())
    async with served(app) as address, calling(address) as client:
        with ExitStack() as held:
            statuses = await begin(held, address, f"/v1/requests/{request_id}/events", world.tenant, 3)
            assert statuses == [200, 200, 429]
            mine = {"X-API-Key": world.tenant}
            assert (await client.get(f"/v1/requests/{request_id}?wait=30", headers=mine)).status_code == 429
            assert (await client.get(f"/v1/requests/{request_id}", headers=mine)).status_code == 200
            theirs = await world.add_request(state="processing", images=1, tenant="another")
            assert await begin(held, address, f"/v1/requests/{theirs}/events", "another", 1) == [200]
        await all_are_let_go(world)
