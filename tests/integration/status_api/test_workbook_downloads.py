"""The output as a workbook over HTTP: what it holds, how it refuses, and what it costs whoever has it."""

import csv
import io
import itertools
from uuid import UUID

import httpx
import pytest
from python_calamine import CalamineWorkbook

from services.status.reading import reader, report_stream
from services.status.reading.report_stream import ChangedMeanwhile
from services.status.rendering.workbook import packing, sheet
from shared.contract.csv_files import apostrophed
from shared.web.readers import Readers
from tests.worlds.services.status_world import CREATED, StatusWorld, calling, served

COLUMNS = ["No", "Name", "=Note", "Images"]
ROWS = [
    (0, 3, 0, ["1", "Lamp", "=cmd", "https://a/0.jpg, https://a/1.jpg,https://a/2.jpg"]),
    (1, 1, 3, ["00042", "Chair", "a\r\n\x07", "https://a/3.jpg"]),
    (2, 1, 4, ["3", "Table"]),
]
STATES = [(0, "failed"), (0, "done"), (0, "failed"), (1, "done"), (2, "planned")]


async def ended(world: StatusWorld, *more: list[str], **columns: object) -> UUID:
    """Three products: one of two failures and a success, one that is done, one that was cancelled."""
    values = {"state": "completed", "images": 5, "done": 2, "failed": 2, "cancelled": 1, "columns": COLUMNS}
    ending = {"completed_at": CREATED, "output_csv_path": "k"}
    planned = {"products": 3 + len(more), "planned_products": 3 + len(more), "planned_images": 5}
    request_id = await world.add_request(**(values | ending | planned | columns))
    rows = [*ROWS, *((number, 0, 5, cells) for number, cells in enumerate(more, 3))]
    for number, images, first, cells in rows:
        await world.add_product(request_id, number, images, first, cells=cells)
    for ordinal, (product, state) in enumerate(STATES):
        sizes = {"bytes_out": 120} if state == "done" else {}
        await world.add_image(request_id, ordinal, product, state, **sizes)
    return request_id


def cells_of(file: bytes) -> list[list[object]]:
    table = CalamineWorkbook.from_filelike(io.BytesIO(file)).get_sheet_by_index(0)
    return [list(row) for row in table.to_python(skip_empty_area=False)]


@pytest.mark.parametrize("query", ["", "?columns=extended"])
async def test_a_workbook_holds_what_the_csv_holds_without_its_apostrophes(
    world: StatusWorld, query: str
) -> None:
    """R14 R20"""
    request_id = await ended(world, filename="spring sale.xlsx", state="cancelled", output_csv_path=None)
    answer = await world.get(f"/v1/requests/{request_id}/output.xlsx{query}")
    kind = "extended" if query else "output"
    assert answer.headers["content-type"] == (
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    assert answer.headers["content-disposition"] == (
        f"attachment; filename=\"{kind}-spring sale.xlsx\"; filename*=UTF-8''{kind}-spring%20sale.xlsx"
    )
    cells = cells_of(answer.content)
    assert cells[0][:5] == [*COLUMNS, "Output Image Urls"]
    assert cells[2][:3] == ["00042", "Chair", "a\r\n\x07"]
    as_csv = await world.get(f"/v1/requests/{request_id}/output.csv{query}")
    assert [[apostrophed(str(cell)) for cell in row] for row in cells] == list(
        csv.reader(io.StringIO(as_csv.text, newline=""))
    )


async def test_a_workbook_is_not_made_for_who_has_it_and_never_in_part(world: StatusWorld) -> None:
    """R15"""
    path = f"/v1/requests/{await ended(world)}/output.xlsx"
    whole = await world.get(path, headers={"Range": "bytes=0-1"})
    assert (whole.status_code, whole.headers["accept-ranges"]) == (200, "none")
    tags = {whole.headers["etag"]}
    async with world.client() as client:
        head = await client.request("HEAD", path)
        assert (head.status_code, head.content) == (200, b"")
        tags.add(head.headers["etag"])
        for query, status in (("", 304), ("?columns=extended", 200)):
            known = await client.get(path + query, headers={"If-None-Match": whole.headers["etag"]})
            assert known.status_code == status
    assert len(tags) == 1
    assert (await world.get(f"{path}?columns=all")).status_code == 400


async def test_a_workbook_that_is_not_there_yet_is_not_found(world: StatusWorld) -> None:
    """R15"""
    running = await world.add_request(state="processing", run=2, images=1)
    expired = await ended(world, expires_at=CREATED)
    for request_id, tenant in ((running, None), (expired, None), (await ended(world), "stranger")):
        answer = await world.get(f"/v1/requests/{request_id}/output.xlsx", tenant=tenant)
        assert (answer.status_code, answer.json()["error"]) == (404, "Output CSV not found")


async def test_what_no_workbook_holds_is_refused_before_it_begins(
    world: StatusWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R09: the sentence names what does hold it."""
    long = await ended(world, ["4", "Vase", "x" * 32_768], filename="p.csv")
    many = await ended(world, planned_products=1, products=1_048_576)
    refusals = []
    for request_id in (long, many):
        path = f"/v1/requests/{request_id}/output.xlsx"
        async with world.client() as client:
            assert (await client.request("HEAD", path)).status_code == 422
            refusals.append((await client.get(path)).json())
    assert [body["type"] for body in refusals] == ["/problems/beyond-workbook"] * 2
    assert [body["error"] for body in refusals] == [
        "Excel's limit on cell length is 32,767 characters (row 5); take the CSV, which holds all of it.",
        "Excel's limit on rows is 1,048,576 rows; take the CSV, which holds all of it.",
    ]
    assert (refusals[0]["limit"], refusals[0]["maximum"], refusals[0]["row"]) == ("cell length", 32_767, 5)
    monkeypatch.setattr(sheet, "MOST_BYTES", 1_000)
    too_much = await world.get(f"/v1/requests/{await ended(world)}/output.xlsx")
    assert (too_much.status_code, too_much.json()["limit"]) == (422, "its markup")


@pytest.mark.parametrize(("looks_before", "status"), [(1, 404), (4, None)])
async def test_a_workbook_that_is_overtaken_never_looks_whole(
    world: StatusWorld, monkeypatch: pytest.MonkeyPatch, looks_before: int, status: int | None
) -> None:
    """R15: three looks, one a product, before it begins; then it breaks off."""
    request_id = await ended(world)
    looks = itertools.count()

    async def overtaken(*_: object) -> None:
        if next(looks) >= looks_before:
            raise ChangedMeanwhile

    monkeypatch.setattr(reader, "PRODUCTS_BYTES", 1)
    monkeypatch.setattr(packing, "PIECE_BYTES", 1)
    monkeypatch.setattr(report_stream, "require_unchanged", overtaken)
    async with served(world.app) as address, calling(address) as client:
        asked = client.get(f"/v1/requests/{request_id}/output.xlsx", headers={"X-API-Key": world.tenant})
        if status is not None:
            assert (await asked).status_code == status
            return
        with pytest.raises(httpx.RemoteProtocolError):
            await asked


async def test_looking_whether_it_fits_takes_a_place_as_reading_it_does(world: StatusWorld) -> None:
    """R20"""
    path = f"/v1/requests/{await ended(world)}/output.xlsx"
    readers = world.deps.readers
    with readers.one_of(world.tenant, readers.most_bytes // 2):
        assert (await world.get(path)).status_code == 429
    assert (await world.get(path)).status_code == 200
    assert isinstance(readers, Readers)
    assert readers.held_bytes == 0
