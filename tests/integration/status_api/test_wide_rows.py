"""What an answer holds while it is made is bounded in bytes: names and cells may have megabytes."""

import json
from uuid import UUID

import pytest

from services.status.api.spellings import LARGEST_WHOLE_IMAGES
from services.status.reading.report_stream import Export, export_rows
from services.status.records.limits import PAGE_BYTES
from tests.worlds.postgres.wide_rows import WideRows
from tests.worlds.processes.traced_memory import traced_memory
from tests.worlds.services.status_world import CREATED, StatusWorld

MOST_BYTES = 16 * 1024 * 1024


async def _ended(world: StatusWorld, rows: WideRows) -> UUID:
    counts = {"products": rows.products, "images": rows.all_images}
    ended = {"state": "failed", "completed_at": CREATED, "output_csv_path": "k"}
    request_id = await world.add_request(**counts, **ended, columns=["No", "Name", "Images", "Text"])
    await rows.fill(world.pool, request_id)
    return request_id


@pytest.mark.parametrize("path", ["/status/{}", "/api/status/{}"])
async def test_a_long_name_is_read_once_and_not_for_each_image(world: StatusWorld, path: str) -> None:
    """R29"""
    # 160 MB at each image.
    rows = WideRows(products=2, images=400, name_characters=200_000, cell_characters=1)
    request_id = await _ended(world, rows)
    with traced_memory() as traced:
        answer = await world.get(path.format(request_id))
    products = answer.json()["products"]
    assert [each.get("product_name") or each["productName"] for each in products] == [
        rows.name(number) for number in range(rows.products)
    ]
    assert traced.most_bytes < MOST_BYTES


async def test_a_long_name_does_not_make_a_page_of_each_image(world: StatusWorld) -> None:
    """R29"""
    rows = WideRows(products=2, images=100, name_characters=2 * PAGE_BYTES, cell_characters=1)
    request_id = await _ended(world, rows)
    record = await world.deps.lookup.find(world.tenant, str(request_id))
    pages = [len(page) async for page in world.deps.reader.image_pages(record)]
    assert pages == [101, 99]


async def test_few_images_that_weigh_much_are_streamed(world: StatusWorld) -> None:
    """R29"""
    rows = WideRows(products=40, images=4, name_characters=1_000_000, cell_characters=1)
    assert rows.all_images < LARGEST_WHOLE_IMAGES
    request_id = await _ended(world, rows)
    sent = bytearray()
    async with world.client() as client, client.stream("GET", f"/api/status/{request_id}") as answer:
        assert "content-length" not in answer.headers
        async for piece in answer.aiter_bytes():
            sent += piece
    assert [len(product["inputImageUrls"]) for product in json.loads(sent)["products"]] == [4] * 40


@pytest.mark.parametrize("export", list(Export))
async def test_cells_count_as_they_are_and_not_as_they_are_kept(world: StatusWorld, export: Export) -> None:
    """R29"""
    rows = WideRows(images=4)
    request_id = await _ended(world, rows)
    record = await world.deps.lookup.find(world.tenant, str(request_id))
    lines = 0
    with traced_memory() as traced:
        async for piece in export_rows(world.deps.reader, world.store, record, export):
            lines += piece.count(b"\r\n")
    assert lines == 1 + rows.products
    assert traced.most_bytes < MOST_BYTES
