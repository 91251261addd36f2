"""Files and CSVs over HTTP: in part, not at all where they are known, and what is made on demand."""

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import Request

from services.ingest.csv_file.limits import CsvLimits
from services.ingest.csv_file.lines_ahead import LinesAhead
from services.ingest.csv_file.rows.row import Product
from services.ingest.csv_file.table import open_table
from services.status.api import spellings
from services.status.reading import database, reader, report_stream
from services.status.reading.database import Database
from services.status.reading.report_stream import ChangedMeanwhile, Export, export_rows
from services.status.records.database_row import Row
from shared.contract.keys import rows_key
from shared.outcomes import Away
from shared.testing.request_rows import rows_of
from shared.web.broken_off import BrokenOff
from tests.worlds.services.status_world import CREATED, EXPIRES, StatusWorld, calling, new_id, served

HASH = "0123456789abcdef0123456789abcdef"
BYTES = bytes(range(256)) * 1_000
EXTENDED, FAILED = "output.csv?columns=extended", "failed.csv"


@pytest.fixture
async def paths(world: StatusWorld) -> list[str]:
    """An image and an output CSV, of the same bytes."""
    request_id = await world.add_request(
        state="completed", completed_at=CREATED, expires_at=EXPIRES, output_csv_path="requests/x/output-1.csv"
    )
    key = f"requests/{request_id}/output/0-{HASH}.jpg"
    world.store.objects |= {key: BYTES, "requests/x/output-1.csv": BYTES}
    return [f"/v1/files/{key}", f"/v1/requests/{request_id}/output.csv", f"/download/{request_id}/"]


async def ask(world: StatusWorld, path: str, method: str = "GET", **headers: str) -> httpx.Response:
    async with world.client() as client:
        return await client.request(
            method, path, headers={k.replace("_", "-"): v for k, v in headers.items()}
        )


async def test_a_download_that_broke_off_goes_on_where_it_stopped(
    world: StatusWorld, paths: list[str]
) -> None:
    for path in paths:
        tag = (await ask(world, path)).headers["etag"]
        first = await ask(world, path, Range="bytes=0-99999")
        rest = await ask(world, path, Range="bytes=100000-", If_Range=tag)
        assert (first.status_code, rest.status_code) == (206, 206)
        assert first.headers["content-range"] == f"bytes 0-99999/{len(BYTES)}"
        assert first.headers["content-length"] == "100000"
        assert first.content + rest.content == BYTES
        changed = await ask(world, path, Range="bytes=100000-", If_Range='"another"')
        assert (changed.status_code, changed.content) == (200, BYTES)


async def test_a_range_behind_the_end_is_a_problem_that_tells_the_size(
    world: StatusWorld, paths: list[str]
) -> None:
    for path in paths:
        answer = await ask(world, path, Range=f"bytes={len(BYTES)}-")
        assert (answer.status_code, answer.headers["content-range"]) == (416, f"bytes */{len(BYTES)}")
        assert answer.headers["content-type"] == "application/problem+json"


async def test_what_is_known_is_not_sent_again(world: StatusWorld, paths: list[str]) -> None:
    for path in paths:
        whole = await ask(world, path)
        tag = whole.headers["etag"]
        assert not tag.startswith("W/")
        for method in ("GET", "HEAD"):
            known = await ask(world, path, method, If_None_Match=tag, Range="bytes=0-1")
            assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)
        head = await ask(world, path, "HEAD", Range="bytes=0-1")
        assert (head.status_code, head.content) == (200, b"")
        for name in ("content-length", "content-type", "etag", "accept-ranges", "cache-control"):
            assert head.headers[name] == whole.headers[name]


async def test_the_next_run_has_another_tag(world: StatusWorld, paths: list[str]) -> None:
    tag = (await ask(world, paths[1])).headers["etag"]
    world.store.objects["requests/x/output-2.csv"] = BYTES
    await world.update(UUID(paths[1].split("/")[3]), "run = 2, output_csv_path = 'requests/x/output-2.csv'")
    assert (await ask(world, paths[1], If_None_Match=tag)).status_code == 200


async def ended(world: StatusWorld, **columns: object) -> UUID:
    """Three products: one of two failures and a success, one that is done, one that was cancelled."""
    values = {"state": "completed", "products": 3, "images": 5, "done": 2, "failed": 2, "cancelled": 1}
    more = {"completed_at": CREATED, "output_csv_path": "k", "columns": ["No", "Name", "=Note", "Images"]}
    request_id = await world.add_request(**(values | more | columns))
    rows = [
        (0, 3, 0, ["1", "Lamp", "=cmd", "https://a/0.jpg, https://a/1.jpg,https://a/2.jpg"]),
        (1, 1, 3, ["2", "Chair", "", "https://a/3.jpg"]),
        (2, 1, 4, ["3", "Table"]),
    ]
    for number, images, first, cells in rows:
        await world.add_product(request_id, number, images, first, cells=cells)
    for ordinal, (product, state) in enumerate(
        [(0, "failed"), (0, "done"), (0, "failed"), (1, "done"), (2, "planned")]
    ):
        sizes = {"bytes_out": 120} if state == "done" else {}
        await world.add_image(request_id, ordinal, product, state, **sizes)
    return request_id


@pytest.mark.parametrize(("page_images", "products_bytes"), [(1, 1), (2, 1_000_000), (4_000, 1), (4_000, 60)])
async def test_the_extended_output_tells_what_happened_to_each_image(
    world: StatusWorld, monkeypatch: pytest.MonkeyPatch, page_images: int, products_bytes: int
) -> None:
    """R14 R19"""
    monkeypatch.setattr(reader, "PAGE_IMAGES", page_images)
    monkeypatch.setattr(reader, "PRODUCTS_BYTES", products_bytes)
    request_id = await ended(world)
    answer = await world.get(f"/v1/requests/{request_id}/{EXTENDED}")
    assert list(csv.reader(io.StringIO(answer.text, newline=""))) == [
        ["No", "Name", "'=Note", "Images", "Output Image Urls", "State", "Code", "Bytes"],
        [
            *("1", "Lamp", "'=cmd", "https://a/0.jpg, https://a/1.jpg,https://a/2.jpg"),
            *(",https://files.example/1.jpg,", "failed,done,failed", "http_404,,http_404", ",120,"),
        ],
        ["2", "Chair", "", "https://a/3.jpg", "https://files.example/3.jpg", "done", "", "120"],
        ["3", "Table", "", "", "", "cancelled", "", ""],
    ]


@pytest.mark.parametrize("page_images", [1, 4_000])
async def test_rows_without_an_image_are_in_the_extended_output_and_not_among_the_failed(
    world: StatusWorld, monkeypatch: pytest.MonkeyPatch, page_images: int
) -> None:
    """R14 R30"""
    monkeypatch.setattr(reader, "PAGE_IMAGES", page_images)
    monkeypatch.setattr(report_stream, "PART_ROWS", 2)
    planned = {"planned_products": 9, "planned_images": 2, "products": 9, "images": 2, "done": 1, "failed": 1}
    more = {"completed_at": CREATED, "output_csv_path": "k", "columns": ["Name", "Images"]}
    request_id = await world.add_request(state="completed", **planned, **more)
    for number, images, first in [(n, int(n in (3, 4)), max(0, min(n - 3, 2))) for n in range(9)]:
        await world.add_product(request_id, number, images, first, cells=[f"SKU{number}", "x"[:images]])
    await world.add_image(request_id, 0, 3, "failed")
    await world.add_image(request_id, 1, 4, "done", bytes_out=120)
    extended = await world.get(f"/v1/requests/{request_id}/{EXTENDED}")
    rows = list(csv.reader(io.StringIO(extended.text, newline="")))[1:]
    assert [row[0] for row in rows] == [f"SKU{number}" for number in range(9)]
    assert [row[3:] for row in rows[2:6]] == [
        ["", "", ""], ["failed", "http_404", ""], ["done", "", "120"], ["", "", ""],
    ]  # fmt: skip
    failed = await world.get(f"/v1/requests/{request_id}/{FAILED}")
    assert [row[0] for row in csv.reader(io.StringIO(failed.text, newline=""))] == ["Name", "SKU3"]


@pytest.mark.parametrize(
    ("failure_code", "told", "failed_rows"),
    [(None, ["", "cancelled", "", ""], 0), ("expired", ["", "failed", "expired", ""], 2)],
)
async def test_what_was_not_planned_when_the_request_ended_is_in_its_csvs_too(
    world: StatusWorld, failure_code: str | None, told: list[str], failed_rows: int
) -> None:
    """R14"""
    request_id = await world.add_request(
        state="failed" if failure_code else "cancelled",
        failure_code=failure_code,
        completed_at=CREATED,
        output_csv_path="k",
        columns=["S. No.", "Product Name", "Input Image Urls"],
        products=3,
        images=3,
        planned_products=1,
        planned_images=1,
        done=1,
    )
    await world.add_product(request_id, 0, 1, 0, cells=["1", "SKU0", "https://a/0.jpg"])
    await world.add_image(request_id, 0, 0, "done", bytes_out=120)
    lines = [json.dumps(row) for row in rows_of([[f"https://a/{number}.jpg"] for number in range(3)])]
    world.store.objects[rows_key(request_id)] = "\n".join(lines).encode()
    extended = await world.get(f"/v1/requests/{request_id}/{EXTENDED}")
    assert list(csv.reader(io.StringIO(extended.text, newline="")))[1:] == [
        ["1", "SKU0", "https://a/0.jpg", "https://files.example/0.jpg", "done", "", "120"],
        ["2", "SKU1", "https://a/1.jpg", *told],
        ["3", "SKU2", "https://a/2.jpg", *told],
    ]
    failed = await world.get(f"/v1/requests/{request_id}/{FAILED}")
    assert failed.text.count("https://a/") == failed_rows


async def test_the_failed_rows_can_be_uploaded_again_as_they_are(world: StatusWorld) -> None:
    """R09 R19"""
    request_id = await ended(world, filename="spring sale.CSV")
    answer = await world.get(f"/v1/requests/{request_id}/{FAILED}")
    assert answer.headers["content-disposition"].startswith(
        'attachment; filename="failed-spring sale.csv"; filename*=UTF-8'
    )
    table = open_table(LinesAhead(io.StringIO(answer.text, newline="")), CsvLimits())
    (product,) = table.rows
    assert isinstance(product, Product)
    assert (product.serial_number, product.name) == ("1", "Lamp")
    assert product.urls == ("https://a/0.jpg", "https://a/1.jpg", "https://a/2.jpg")
    assert product.cells[2] == "=cmd"
    assert product.cells[4].startswith("Image 1, 3 of 3: http_404: ")


async def test_a_request_that_failed_before_it_was_planned_has_its_header_only(world: StatusWorld) -> None:
    request_id = await world.add_request(
        state="failed", images=9, failed=9, completed_at=CREATED, output_csv_path="k"
    )
    for part in (EXTENDED, FAILED):
        answer = await world.get(f"/v1/requests/{request_id}/{part}")
        assert (answer.status_code, answer.text.count("\r\n")) == (200, 1)


@pytest.mark.parametrize("part", [EXTENDED, FAILED])
async def test_a_csv_that_is_not_there_yet_is_not_found(world: StatusWorld, part: str) -> None:
    """R15"""
    running = await world.add_request(state="processing", run=2, images=1)
    expired = await ended(world, expires_at=CREATED)
    for request_id, tenant in ((running, None), (expired, None), (await ended(world), "stranger")):
        answer = await world.get(f"/v1/requests/{request_id}/{part}", tenant=tenant)
        assert (answer.status_code, answer.json()["error"]) == (404, "Output CSV not found")


@pytest.mark.parametrize("part", [EXTENDED, FAILED])
async def test_a_csv_on_demand_is_not_made_for_who_has_it(world: StatusWorld, part: str) -> None:
    path = f"/v1/requests/{await ended(world)}/{part}"
    tag = (await ask(world, path)).headers["etag"]
    known = await ask(world, path, If_None_Match=tag)
    assert (known.status_code, known.content) == (304, b"")
    head = await ask(world, path, "HEAD")
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    assert "content-length" not in head.headers  # nobody knows it before the CSV is made


async def test_other_columns_than_extended_are_a_problem(world: StatusWorld) -> None:
    answer = await world.get(f"/v1/requests/{await ended(world)}/output.csv?columns=all")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


@pytest.mark.parametrize("change", ["run = 2", "deleted_at = now()"])
async def test_an_export_that_is_overtaken_breaks_off(world: StatusWorld, change: str) -> None:
    request_id = await ended(world)
    record = await world.deps.lookup.find(world.tenant, str(request_id))
    chunks = export_rows(world.deps.reader, world.store, record, Export.EXTENDED)
    assert (await anext(chunks)).startswith(b"No,Name")
    await world.update(request_id, change)
    with pytest.raises(ChangedMeanwhile):
        await anext(chunks)


async def test_a_download_that_is_overtaken_never_looks_whole(
    world: StatusWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = await ended(world)

    async def overtaken(*_: object) -> None:
        raise ChangedMeanwhile

    monkeypatch.setattr(report_stream, "require_unchanged", overtaken)
    async with served(world.app) as address, calling(address) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            await client.get(f"/v1/requests/{request_id}/{FAILED}", headers={"X-API-Key": world.tenant})


async def test_keys_that_somebody_guesses_cost_no_look_into_the_database(world: StatusWorld) -> None:
    """R20: a file needs no API key, and readers' connections are few."""
    asked: list[str] = []

    class Reads:
        async def fetch(self, sql: str, *_: object) -> list[Row]:
            asked.append(sql)
            return []

    world.deps.reader._database = Reads()
    async with world.client() as client:
        answers = [
            await client.get(f"/v1/files/requests/{new_id()}/{kind}/0-{HASH}.jpg")
            for kind in ("output", "original")
            for _ in range(20)
        ]
    assert {answer.status_code for answer in answers} == {404}
    assert asked == []


@dataclass
class SlowAtFirst:
    """Does not answer in time as often as it is told."""

    reads: Database
    left: int = 0

    def makes_wait(self, times: int = database.MOST_TRIES - 1) -> None:
        self.left = times

    async def fetch(self, sql: str, *arguments: object) -> Sequence[Any]:
        if self.left:
            self.left -= 1
            raise Away("database", "it did not answer in time")
        return await self.reads.fetch(sql, *arguments)


async def begun_answers(world: StatusWorld, request_id: UUID) -> AsyncIterator[AsyncIterator[bytes]]:
    """Each kind of long answer, up to what is read before it begins."""
    record = await world.deps.lookup.find(world.tenant, str(request_id))
    for export in Export:
        chunks = export_rows(world.deps.reader, world.store, record, export)
        await anext(chunks)
        yield chunks
    for status in (spellings.snake_status, spellings.camel_status):
        asked = Request({"type": "http", "method": "GET", "headers": []})
        answer = await status(asked, str(request_id), world.deps, world.tenant)
        yield answer.body_iterator  # type: ignore[attr-defined] # it streams


@pytest.fixture
def in_small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spellings, "LARGEST_WHOLE_IMAGES", 0)
    monkeypatch.setattr(spellings, "STREAMED_IMAGES", 1)
    monkeypatch.setattr(reader, "PAGE_IMAGES", 2)
    monkeypatch.setattr(database, "PAUSE_SECONDS", 0)


@pytest.mark.usefixtures("in_small_pages")
async def test_a_page_that_is_slow_does_not_end_a_long_answer(world: StatusWorld) -> None:
    """R15"""
    request_id = await ended(world)
    quick = [b"".join([piece async for piece in each]) async for each in begun_answers(world, request_id)]
    reads = world.deps.reader._database = SlowAtFirst(world.deps.reader._database)
    slow = []
    async for chunks in begun_answers(world, request_id):
        reads.makes_wait()
        slow.append(b"".join([piece async for piece in chunks]))
        assert not reads.left
        reads.left = 0
    assert slow == quick


@pytest.mark.usefixtures("in_small_pages")
async def test_a_database_that_stays_away_ends_a_long_answer_in_the_end(world: StatusWorld) -> None:
    reads = world.deps.reader._database = SlowAtFirst(world.deps.reader._database)
    async for chunks in begun_answers(world, await ended(world)):
        reads.makes_wait(1_000)
        with pytest.raises((Away, BrokenOff), match="database is away"):
            _ = [piece async for piece in chunks]
        assert reads.left == 1_000 - database.MOST_TRIES
        reads.left = 0


async def test_the_output_of_a_cancelled_run_is_made_when_it_is_asked_for(world: StatusWorld) -> None:
    """R14"""
    columns = ["S. No.", "Product Name", "Input Image Urls"]
    request_id = await world.add_request(
        state="cancelled", completed_at=CREATED, columns=columns, products=2, images=2, done=1
    )
    for number, state in enumerate(("done", "planned")):
        cells = [str(number + 1), f"SKU{number}", f"https://a/{number}.jpg"]
        await world.add_product(request_id, number, 1, number, cells=cells)
        await world.add_image(request_id, number, number, state)
    for path in (f"/v1/requests/{request_id}/output.csv", f"/download/{request_id}"):
        answer = await world.get(path)
        assert list(csv.reader(io.StringIO(answer.text, newline=""))) == [
            [*columns, "Output Image Urls"],
            ["1", "SKU0", "https://a/0.jpg", "https://files.example/0.jpg"],
            ["2", "SKU1", "https://a/1.jpg", ""],
        ]
        assert answer.headers["accept-ranges"] == "none"
        assert (await world.get(path, headers={"If-None-Match": answer.headers["etag"]})).status_code == 304
