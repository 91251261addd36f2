"""All images of a request as one ZIP: what is in it, when it breaks off, and what it costs whoever has it."""

import asyncio
import base64
import io
import itertools
import os
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from services.status.reading import archive_stream
from services.status.reading.archive_stream import LIST_NAME, archive
from services.status.reading.report_stream import ChangedMeanwhile
from shared.contract.keys import output_key
from shared.store import open_store
from tests.worlds.services.status_world import CREATED, EXPIRES, StatusWorld, calling, open_world, served

HASH = "0b" * 16
NAMES = ["Teapot", "../Lamp", "Teapot"]
STATES = [(0, "done"), (0, "failed"), (0, "done"), (1, "done"), (2, "cancelled")]
MANY = 10_000
KEY_OF_STORE = SecretStr(base64.b64encode(bytes(range(32))).decode())
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def key_of(request_id: UUID, ordinal: int) -> str:
    return output_key(request_id, ordinal, HASH, "jpg")


async def ended(world: StatusWorld, **columns: object) -> UUID:
    """Three products: one of two images and a failure, one that is done, one that was cancelled."""
    counts = {"products": 3, "images": 5, "done": 3, "failed": 1, "cancelled": 1}
    ending = {"state": "completed", "completed_at": CREATED, "expires_at": EXPIRES, "output_csv_path": "k"}
    request_id = await world.add_request(**(counts | ending | {"filename": "spring.csv"} | columns))
    for number, (name, images, first) in enumerate(zip(NAMES, (3, 1, 1), (0, 3, 4), strict=True)):
        await world.add_product(request_id, number, images, first, name=name)
    for ordinal, (product, state) in enumerate(STATES):
        key = {"output_key": key_of(request_id, ordinal)} if state == "done" else {}
        await world.add_image(request_id, ordinal, product, state, **key)
        if state == "done":
            await world.deps.store.put(key_of(request_id, ordinal), content(ordinal))
    return request_id


def content(ordinal: int) -> bytes:
    """One of them is too large to be held."""
    return b"image %d " % ordinal * (300_000 if ordinal == 2 else 20)


@pytest.fixture(params=["memory", "file", "sealed file"])
async def stored(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[StatusWorld]:
    match request.param:
        case "memory":
            store = None
        case "file":
            store = open_store(f"file://{tmp_path}")
        case _:
            store = open_store(f"file://{tmp_path}", [KEY_OF_STORE])
    async with open_world(database, store=store) as world:
        yield world


async def test_all_images_are_in_it_by_names_that_people_know(stored: StatusWorld) -> None:
    """R14 R20"""
    request_id = await ended(stored)
    answer = await stored.get(f"/v1/requests/{request_id}/images.zip")
    assert answer.headers["content-type"] == "application/zip"
    assert 'filename="images-spring.zip"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as whole:
        assert whole.testzip() is None
        images = ["1 Teapot 1.jpg", "1 Teapot 3.jpg", "2 _Lamp 1.jpg"]
        assert whole.namelist() == [*images, LIST_NAME]
        assert [whole.read(name) for name in images] == [content(ordinal) for ordinal in (0, 2, 3)]
        assert whole.read(LIST_NAME).decode().split("\r\n") == [
            "These images are not in here.",
            "",
            "Row 2, Teapot, image 2: https://origin.example/1.jpg",
            "    http_404: The host answered with HTTP status 404.",
            "Row 4, Teapot, image 1: https://origin.example/4.jpg",
            "    cancelled",
            "",
        ]


async def test_without_a_failure_there_are_the_images_alone(world: StatusWorld) -> None:
    request_id = await ended(world, failed=0, cancelled=0)
    answer = await world.get(f"/v1/requests/{request_id}/images.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as whole:
        assert whole.namelist() == ["1 Teapot 1.jpg", "1 Teapot 3.jpg", "2 _Lamp 1.jpg"]


async def test_it_is_not_made_for_who_has_it_and_never_in_part(world: StatusWorld) -> None:
    """R15"""
    path = f"/v1/requests/{await ended(world)}/images.zip"
    whole = await world.get(path, headers={"Range": "bytes=0-1"})
    assert (whole.status_code, whole.headers["accept-ranges"]) == (200, "none")
    known = await world.get(path, headers={"If-None-Match": whole.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    async with world.client() as client:
        head = await client.request("HEAD", path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", whole.headers["etag"])


async def test_what_is_not_there_is_not_found(world: StatusWorld) -> None:
    """R15 R20"""
    running = await world.add_request(state="processing", images=1)
    expired = await ended(world, expires_at=CREATED)
    for request_id, tenant in ((running, None), (expired, None), (await ended(world), "stranger")):
        assert (await world.get(f"/v1/requests/{request_id}/images.zip", tenant=tenant)).status_code == 404


@pytest.mark.parametrize("gone", [0, 2, 3])
async def test_an_image_that_is_gone_leaves_no_whole_archive(world: StatusWorld, gone: int) -> None:
    """R15: the first one is found out before anything is sent."""
    request_id = await ended(world)
    del world.store.objects[key_of(request_id, gone)]
    async with served(world.app) as address, calling(address) as client:
        asked = client.get(f"/v1/requests/{request_id}/images.zip", headers={"X-API-Key": world.tenant})
        if gone:
            with pytest.raises(httpx.RemoteProtocolError):
                await asked
        else:
            assert (await asked).status_code == 404


@pytest.mark.parametrize("looks_before", range(1, 3))
async def test_an_archive_that_is_overtaken_breaks_off(
    world: StatusWorld, monkeypatch: pytest.MonkeyPatch, looks_before: int
) -> None:
    """R15: one look for the images, one for the failed ones, one for the directory."""
    request_id = await ended(world)
    looks = itertools.count()

    async def overtaken(*_: object) -> None:
        if next(looks) >= looks_before:
            raise ChangedMeanwhile

    monkeypatch.setattr(archive_stream, "require_unchanged", overtaken)
    async with served(world.app) as address, calling(address) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(f"/v1/requests/{request_id}/images.zip", headers={"X-API-Key": world.tenant})


async def test_its_reader_holds_a_place_of_the_tenants_share(world: StatusWorld) -> None:
    """R29"""
    request_id = await ended(world)
    held = world.deps.readers
    with held.one_of(world.tenant, held.most_bytes // 2):
        answer = await world.get(f"/v1/requests/{request_id}/images.zip")
    assert answer.status_code == 429


async def fill(pool: asyncpg.Pool, request_id: UUID) -> None:
    await pool.execute(
        "INSERT INTO products (request_id, number, id, row_number, serial_number, name, cells,"
        " first_ordinal, images) SELECT $1, n, gen_random_uuid(), n + 2, n::text, 'A product', '[]', n, 1"
        " FROM generate_series(0, $2 - 1) n",
        request_id,
        MANY,
    )
    await pool.execute(
        "INSERT INTO images (request_id, ordinal, id, product_number, product_id, input_url, state,"
        " output_url, output_key) SELECT $1, n, gen_random_uuid(), n, gen_random_uuid(), 'https://a/b.jpg',"
        " 'done', 'https://c/d.jpg', $3 FROM generate_series(0, $2 - 1) n",
        request_id,
        MANY,
        key_of(request_id, 0),
    )


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_BYTES


async def test_ten_thousand_images_take_no_memory_by_the_image(world: StatusWorld, tmp_path: Path) -> None:
    """R14 R29: 600 MB of them."""
    counts = {"products": MANY, "images": MANY, "done": MANY}
    request_id = await world.add_request(state="completed", completed_at=CREATED, **counts)
    await fill(world.pool, request_id)
    world.store.objects[key_of(request_id, 0)] = os.urandom(60_000)
    record = await world.deps.reader.request(request_id)
    assert record
    before, grown, sent = resident_bytes(), 0, 0
    with (tmp_path / "images.zip").open("wb") as file:
        async for piece in archive(world.deps.reader, world.store, record):
            sent += len(piece)
            grown = max(grown, resident_bytes() - before)
            file.write(piece)
            assert len(piece) <= archive_stream.HELD_BYTES
    assert grown < 24 * 1024 * 1024
    with zipfile.ZipFile(tmp_path / "images.zip") as whole:
        names = whole.namelist()
        assert len(names) == len(set(names)) == MANY
        assert (names[41], names[-1]) == ("00042 41 A product 1.jpg", "10000 9999 A product 1.jpg")
        assert await asyncio.to_thread(whole.testzip) is None
    assert sent == (tmp_path / "images.zip").stat().st_size
