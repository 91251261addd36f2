"""Uploads share the disk by bytes: what one may need is taken before it is read, and goes with its files."""

import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from starlette.types import Message

from services.ingest.admission.disk import STEP_BYTES, TIMES_THE_BODY, Disk
from services.ingest.api.csv_refusals import MarkedAnswer
from services.ingest.csv_file import spool
from services.ingest.csv_file.spool import open_spool
from shared.web.problems import Problem
from tests.worlds.services.ingest_world import CSV, Ingest, open_ingest

BOUNDARY = "x"
BODY = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\n'.encode()
    + CSV
    + f"\r\n--{BOUNDARY}--\r\n".encode()
)
WANTED = TIMES_THE_BODY * len(BODY)


@dataclass
class Sent:
    """A body that comes when it is told to; its length is announced."""

    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    asked_for: asyncio.Event = field(default_factory=asyncio.Event)

    async def pieces(self) -> AsyncIterator[bytes]:
        self.asked_for.set()
        await self.go_on.wait()
        yield BODY

    async def post(self, ingest: Ingest, *, announced: bool = True) -> httpx.Response:
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        length = {"Content-Length": str(len(BODY))} if announced else {}
        return await ingest.http.post("/v1/requests", content=self.pieces(), headers=headers | length)


async def test_an_upload_takes_what_it_may_need_before_it_is_read() -> None:
    """R29"""
    disk = Disk(2 * WANTED - 1)
    async with open_ingest(disk=disk) as ingest, asyncio.TaskGroup() as tasks:
        first, second = Sent(), Sent()
        begun = tasks.create_task(first.post(ingest))
        await first.asked_for.wait()
        assert disk.held_bytes == WANTED
        refused = await second.post(ingest)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
        assert refused.headers["content-type"] == "application/problem+json"
        assert not second.asked_for.is_set()
        first.go_on.set()
        assert (await begun).status_code == 202
        assert disk.held_bytes == 0
        second.go_on.set()
        assert (await second.post(ingest)).status_code == 202


async def test_a_tenant_leaves_as_much_of_the_disk_as_it_holds() -> None:
    """R29"""
    disk = Disk(2 * WANTED)
    async with open_ingest(disk=disk) as ingest, asyncio.TaskGroup() as tasks:
        sent = Sent()
        begun = tasks.create_task(sent.post(ingest))
        await sent.asked_for.wait()
        refused = await Sent().post(ingest)
        assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (429, "too-many-uploads")
        with disk.room_for("another", len(BODY)):
            pass
        sent.go_on.set()
        assert (await begun).status_code == 202


async def test_a_body_of_unknown_length_takes_its_room_as_it_comes() -> None:
    """R29"""
    disk = Disk(4 * STEP_BYTES)
    async with open_ingest(disk=disk) as ingest, asyncio.TaskGroup() as tasks:
        sent = Sent()
        begun = tasks.create_task(sent.post(ingest, announced=False))
        await sent.asked_for.wait()
        assert disk.held_bytes == STEP_BYTES
        sent.go_on.set()
        assert (await begun).status_code == 202


def test_a_room_grows_for_as_long_as_there_is_any() -> None:
    """R29"""
    disk = Disk(4 * STEP_BYTES)
    with disk.room_for("shop", 1) as room:
        file = room.open()
        for _ in range(3):
            file.write(bytes(STEP_BYTES))
        with pytest.raises(OSError, match="No space left") as full:
            file.write(bytes(2 * STEP_BYTES))
        assert full.value.errno == errno.ENOSPC
        with pytest.raises(Problem), disk.room_for("other", STEP_BYTES):
            pass
        file.close()
        room.open().write(bytes(2 * STEP_BYTES))
    assert disk.held_bytes == 0


def test_what_a_room_has_grown_to_is_not_there_for_others() -> None:
    """R29: a step at least, and all that is written."""
    disk = Disk(8 * STEP_BYTES)
    with disk.room_for("shop", None) as room:
        room.take(STEP_BYTES)
        assert disk.held_bytes == STEP_BYTES
        room.take(1)
        assert disk.held_bytes == 2 * STEP_BYTES
        room.take(3 * STEP_BYTES)
        assert disk.held_bytes == 4 * STEP_BYTES + 1
    assert disk.held_bytes == 0


def test_a_large_upload_may_have_all_of_a_small_disk_to_its_last_byte() -> None:
    disk = Disk(4 * STEP_BYTES)
    with disk.room_for("shop", STEP_BYTES):
        assert disk.held_bytes == disk.most_bytes
    with disk.room_for("shop", None) as room:
        room.take(4 * STEP_BYTES)
        assert disk.held_bytes == disk.most_bytes


def test_what_is_left_open_goes_with_its_room() -> None:
    """R29: a thread may still write for a caller who is gone."""
    disk = Disk(4 * STEP_BYTES)
    with disk.room_for("shop", 1) as room:
        file = room.open()
    assert file.closed
    with pytest.raises(OSError, match="ended"):
        room.take(1)
    assert disk.held_bytes == 0


async def test_whoever_reads_a_marked_csv_slowly_holds_what_its_upload_held() -> None:
    """R29"""
    disk, may_read, asked = Disk(100), asyncio.Event(), asyncio.Event()
    held, file = ExitStack(), open_spool()
    held.enter_context(disk.room_for("shop", 10))
    file.write(b"No,Error\n")
    file.seek(0)

    async def send(_: Message) -> None:
        asked.set()
        await may_read.wait()

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("never")

    scope: dict[str, Any] = {"type": "http", "method": "POST", "asgi": {"spec_version": "2.4"}}
    reading = asyncio.create_task(MarkedAnswer(file, "p.csv", 400, held)(scope, receive, send))
    await asked.wait()
    assert (disk.held_bytes, file.closed) == (50, False)
    may_read.set()
    await reading
    assert (disk.held_bytes, file.closed) == (0, True)


@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
@pytest.mark.parametrize("csv", [CSV, CSV + b"x,y,z\n", b"PK\x03\x04"])
async def test_nothing_is_held_once_an_upload_is_answered(csv: bytes, accept: str) -> None:
    """R29"""
    disk = Disk(10**9)
    async with open_ingest(disk=disk) as ingest:
        for path in ("/v1/requests", "/v1/validate"):
            answer = await ingest.post(path, csv, headers={"Accept": accept})
            assert answer.status_code in {200, 202, 400}
            assert disk.held_bytes == 0


@pytest.mark.parametrize("in_memory_bytes", [10, 600])
async def test_a_full_disk_is_a_503_whatever_is_written_then(
    monkeypatch: pytest.MonkeyPatch, in_memory_bytes: int
) -> None:
    """R20: what a program has buffered fails only when its file is closed."""
    csv = CSV + b"".join(b"%d,SKU,https://a.example/%d.jpg\n" % (n, n) for n in range(3, 10))
    assert len(csv) < 600
    async with open_ingest() as ingest:
        monkeypatch.setattr(spool, "SPOOL_BYTES", in_memory_bytes)
        monkeypatch.setattr(tempfile, "TemporaryFile", _on_full_disk)
        answer = await ingest.post(csv=csv)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
        assert not ingest.accepted()


def _on_full_disk(**options: Any) -> Any:
    return open("/dev/full", "w+b", buffering=options["buffering"])  # noqa: PTH123
