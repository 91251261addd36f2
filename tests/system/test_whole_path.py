"""From upload to webhook, as a user sees it, on the real stack."""

import csv
import io
import json
from typing import Any

import asyncpg
import pytest
from PIL import Image

from services.notifier.listen import LocalReceiver
from tests.system.client import Client
from tests.system.origin import Origin
from tests.worlds.hosts.origin_server import JPEG
from tests.worlds.patience import DEADLINE_SECONDS, until


async def test_an_upload_ends_with_compressed_images_an_output_csv_and_a_signed_webhook(
    client: Client,
    origin: Origin,
    receiver: LocalReceiver,
) -> None:
    """R01 R04 R05 R06 R07 R10 R12 R14 R16"""
    accepted = await client.upload(origin.csv(3, images_each=2), webhook_url=receiver.url)
    assert accepted.status == 202
    request_id = accepted.body["request_id"]
    ended = await client.until_ended(request_id)
    assert (ended["state"], ended["progress"]) == ("completed", 100.0)
    assert ended["counts"]["done"] == 6

    output = await client.get(ended["output_csv_url"])
    rows = list(csv.DictReader(io.StringIO(output.body.decode())))
    assert [row["Product Name"] for row in rows] == ["Product 1", "Product 2", "Product 3"]
    urls = [url for row in rows for url in row["Output Image Urls"].split(",")]
    assert len(urls) == 6
    for url in urls:
        file = await client.get(url)
        assert file.status == 200
        assert file.headers["Content-Type"] == "image/jpeg"
        assert len(file.body) < len(JPEG)
        assert _quantisation(file.body) == _quantisation(_at_quality_50())

    (delivery,) = await receiver.wait_for(1, DEADLINE_SECONDS)
    assert delivery.problem is None
    body = json.loads(delivery.body)
    assert (body["request_id"], body["status"]) == (request_id, "completed")
    events = await client.ask("GET", "/v1/events?limit=1000")
    assert delivery.webhook_id in [event["id"] for event in events.body["items"]]

    async def told() -> bool:
        return bool((await client.request(request_id))["webhook"]["state"] == "delivered")

    await until(told)
    assert (await client.request(request_id))["webhook"]["attempts"] == 1


async def test_the_tables_hold_one_row_for_each_product_and_image(client: Client, origin: Origin) -> None:
    """R13"""
    accepted = await client.upload(origin.csv(4, images_each=3))
    await client.until_ended(accepted.body["request_id"])
    connection = await asyncpg.connect(client.stack.endpoints["postgres_dsn"])
    try:
        counts = await connection.fetchrow(
            """SELECT (SELECT count(*) FROM requests WHERE id = $1) AS requests,
                      (SELECT count(*) FROM products WHERE request_id = $1) AS products,
                      (SELECT count(*) FROM images WHERE request_id = $1 AND output_url > '') AS images""",
            accepted.body["request_id"],
        )
    finally:
        await connection.close()
    assert counts is not None
    assert tuple(counts) == (1, 4, 12)


async def test_one_bad_image_fails_alone(client: Client, origin: Origin) -> None:
    """R09 R19"""
    text = (
        "S. No.,Product Name,Input Image Urls\n"
        f'1,Good,"{origin.base}/a.jpg,{origin.base}/missing.jpg"\n'
        f"2,Bad,{origin.base}/text.jpg\n"
    )
    accepted = await client.upload(text)
    ended = await client.until_ended(accepted.body["request_id"])
    assert ended["state"] == "completed"
    assert (ended["counts"]["done"], ended["counts"]["failed"]) == (1, 2)
    assert {failure["code"] for failure in ended["failures"]} == {"http_404", "not_an_image"}
    status = await client.ask("GET", f"/api/status/{accepted.body['request_id']}")
    states = [product["processingStatus"] for product in status.body["products"]]
    assert states == ["completed", "failed"]
    assert status.body["products"][0]["outputImageUrls"][1] is None


async def test_a_repeated_url_is_fetched_once(client: Client, origin: Origin) -> None:
    """R24"""
    url = f"{origin.base}/same.jpg"
    accepted = await client.upload(
        f'S. No.,Product Name,Input Image Urls\n1,A,"{url},{url}"\n2,B,{url}\n',
    )
    ended = await client.until_ended(accepted.body["request_id"])
    assert ended["counts"]["done"] == 3
    assert origin.fetched["same.jpg"] == 1


async def test_a_request_whose_every_image_fails_ends_failed_and_notifies(
    client: Client,
    origin: Origin,
    receiver: LocalReceiver,
) -> None:
    """R16"""
    text = f"S. No.,Product Name,Input Image Urls\n1,A,{origin.base}/missing.jpg\n"
    accepted = await client.upload(text, webhook_url=receiver.url)
    assert (await client.until_ended(accepted.body["request_id"]))["state"] == "failed"
    (delivery,) = await receiver.wait_for(1, DEADLINE_SECONDS)
    assert json.loads(delivery.body)["status"] == "failed"


async def test_the_same_idempotency_key_is_one_request(client: Client, origin: Origin) -> None:
    text = origin.csv(1)
    first = await client.upload(text, idempotency_key="once")
    second = await client.upload(text, idempotency_key="once")
    assert (first.status, first.body["request_id"]) == (second.status, second.body["request_id"])
    other = await client.upload(origin.csv(2), idempotency_key="once")
    assert other.status == 422


async def test_a_request_can_be_asked_for_right_after_its_upload(client: Client, origin: Origin) -> None:
    for _ in range(10):
        accepted = await client.upload(origin.csv(1))
        answer = await client.ask("GET", f"/v1/requests/{accepted.body['request_id']}")
        assert answer.status == 200


@pytest.mark.parametrize(
    "spelling",
    [
        ("/v1/requests", 202, "request_id", "/v1/requests/{}", "/v1/requests/{}/output.csv"),
        ("/upload", 200, "request_id", "/status/{}", "/download/{}"),
        ("/upload/", 200, "request_id", "/status/{}/", "/download/{}/"),
        ("/api/upload", 202, "requestId", "/api/status/{}", "/api/download/{}"),
        ("/api/upload/", 202, "requestId", "/api/status/{}/", "/api/download/{}/"),
    ],
)
async def test_every_spelling_goes_the_whole_way(
    client: Client,
    origin: Origin,
    spelling: tuple[str, int, str, str, str],
) -> None:
    """R02 R10 R11 R15"""
    upload, upload_status, id_key, status, download = spelling
    accepted = await client.upload(origin.csv(2), path=upload)
    assert accepted.status == upload_status
    request_id = accepted.body[id_key]
    await client.until_ended(request_id)
    answer = await client.ask("GET", status.format(request_id))
    assert (answer.status, answer.body["status"]) == (200, "completed")
    file = await client.ask("GET", download.format(request_id))
    assert file.status == 200
    assert b"Output Image Urls" in file.body.splitlines()[0]
    unknown = await client.ask("GET", download.format("00000000-0000-7000-8000-000000000000"))
    assert (unknown.status, unknown.body["error"]) == (404, "Output CSV not found")


def _at_quality_50() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16)).save(buffer, "JPEG", quality=50)
    return buffer.getvalue()


def _quantisation(data: bytes) -> Any:
    with Image.open(io.BytesIO(data)) as image:
        return getattr(image, "quantization")  # noqa: B009 - JPEG files have it
