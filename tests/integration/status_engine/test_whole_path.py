"""The status engine on a real Postgres: from csv.accepted to request.completed and its delivery."""

import asyncio
import json

from services.status.postgres.statements import SQL
from shared.contract.events import TARGET_HEADER, TENANT_HEADER
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.engine_events import done, failed
from tests.worlds.services.engine_world import EngineWorld


async def test_a_request_goes_from_accepted_to_completed_with_its_csv_and_its_delivery(
    world: EngineWorld,
) -> None:
    """R09 R12 R14 R16"""
    urls = [["https://a/1.jpg", "https://a/bad.jpg"], ["https://a/3.jpg"]]
    async with world.running(lambda request: failed(request) if "bad" in request.url else done(request)):
        request_id = await world.accept(urls)
        row = await world.until_ended(request_id)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not world.completions(request_id):
                await asyncio.sleep(0.01)
    assert (row["state"], row["done"], row["failed"], row["in_flight"]) == ("completed", 2, 1, 0)
    base = f"http://status.example/v1/files/requests/{request_id}/output"
    assert world.store.objects[row["output_csv_path"]].decode() == (
        "S. No.,Product Name,Input Image Urls,Output Image Urls\r\n"
        f'1,SKU0,"https://a/1.jpg,https://a/bad.jpg","{base}/0-b.jpg,"\r\n'
        f"2,SKU1,https://a/3.jpg,{base}/2-b.jpg\r\n"
    )
    (message,) = world.completions(request_id)
    assert message.headers[TARGET_HEADER] == "sealed"
    assert message.headers[TENANT_HEADER] == "local"
    body = json.loads(message.value)
    assert body["status"] == "completed"
    assert body["data"]["counts"] == {
        "products": 2, "images": 3, "done": 2, "failed": 1, "cancelled": 0, "remaining": 0,
    }  # fmt: skip
    assert [product["outputImageUrls"] for product in body["data"]["products"]] == [
        [f"{base}/0-b.jpg", None],
        [f"{base}/2-b.jpg"],
    ]


async def test_rows_without_an_image_come_back_in_the_output_and_are_no_products_of_the_event(
    world: EngineWorld,
) -> None:
    """R14 R30"""
    async with world.running(done):
        request_id = await world.accept([[], ["https://a/1.jpg"], [], [], ["https://a/2.jpg"], []])
        row = await world.until_ended(request_id)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not world.completions(request_id):
                await asyncio.sleep(0.01)
    base = f"http://status.example/v1/files/requests/{request_id}/output"
    assert row["state"] == "completed"
    assert world.store.objects[row["output_csv_path"]].decode() == (
        "S. No.,Product Name,Input Image Urls,Output Image Urls\r\n"
        "1,SKU0,,\r\n"
        f"2,SKU1,https://a/1.jpg,{base}/0-b.jpg\r\n"
        "3,SKU2,,\r\n4,SKU3,,\r\n"
        f"5,SKU4,https://a/2.jpg,{base}/1-b.jpg\r\n"
        "6,SKU5,,\r\n"
    )
    (message,) = world.completions(request_id)
    body = json.loads(message.value)
    assert body["data"]["counts"]["products"] == 6
    assert [product["productName"] for product in body["data"]["products"]] == ["SKU1", "SKU4"]


async def test_every_statement_is_understood(world: EngineWorld) -> None:
    for name, statement in SQL.items():
        async with world.pool.acquire() as connection:
            assert await connection.prepare(statement), name
