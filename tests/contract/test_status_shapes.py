"""The literal JSON of api.md for everything that the status service answers: members, their order, values."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.worlds.services.status_world import CREATED, EXPIRES, StatusWorld, open_world


@pytest.fixture
async def world(database: str) -> AsyncIterator[StatusWorld]:
    async with open_world(database) as world:
        yield world


@pytest.fixture
async def half_way(world: StatusWorld) -> UUID:
    """Two products: one ended with one failure, one in work."""
    request_id = await world.add_request(
        state="processing",
        products=2,
        images=4,
        done=1,
        failed=1,
        failure_counts={"http_404": 1},
        bytes_in=1000,
        bytes_out=400,
        expires_at=EXPIRES,
        webhook_url="https://shop.example/hook",
    )
    await world.add_product(request_id, 0, 2, 0)
    await world.add_product(request_id, 1, 2, 2, serial_number="2.5")
    await world.add_image(request_id, 0, 0, "done")
    await world.add_image(request_id, 1, 0, "failed")
    await world.add_image(request_id, 2, 1, "requested")
    await world.add_image(request_id, 3, 1, "planned")
    return request_id


async def body_of(world: StatusWorld, path: str) -> dict[str, Any]:
    answer = await world.get(path)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_v1_shows_a_request_half_way(world: StatusWorld, half_way: UUID) -> None:
    """R10 R12"""
    body = await body_of(world, f"/v1/requests/{half_way}")
    assert isinstance(body.pop("eta_seconds"), float | None)
    base = f"https://pixmill.example/v1/requests/{half_way}"
    assert body == {
        "request_id": str(half_way),
        "run": 1,
        "state": "processing",
        "status": "processing",
        "progress": 50.0,
        "counts": {"products": 2, "images": 4, "done": 1, "failed": 1, "cancelled": 0, "remaining": 2},
        "filename": "p.csv",
        "priority": "normal",
        "created_at": "2026-11-20T10:00:00.123Z",
        "completed_at": None,
        "expires_at": "2100-01-01T00:00:00.000Z",
        "bytes_in": 1000,
        "bytes_out": 400,
        "failures": [
            {
                "code": "http_404",
                "count": 1,
                "hint": "The host answered with HTTP status 404.",
                "fixer": "origin",
                "retryable": False,
                "help_url": "https://pixmill.example/failures/http_404",
            }
        ],
        "webhook": {
            "url": "https://shop.example/hook",
            "triggered": False,
            "attempts": 0,
            "state": "waiting",
        },
        "output_csv_url": None,
        "links": {
            "self": base,
            "images": f"{base}/images",
            "events": f"{base}/events",
            "deliveries": f"{base}/deliveries",
            "output_csv": f"{base}/output.csv",
            "cancel": f"{base}/cancel",
            "retry": f"{base}/retry",
        },
    }


async def test_v1_members_stand_in_the_order_of_the_contract(world: StatusWorld, half_way: UUID) -> None:
    assert list(await body_of(world, f"/v1/requests/{half_way}")) == [
        *("request_id", "run", "state", "status", "progress", "counts", "filename", "priority"),
        *("created_at", "completed_at", "expires_at", "eta_seconds", "bytes_in", "bytes_out"),
        *("failures", "webhook", "output_csv_url", "links"),
    ]


@pytest.mark.parametrize("slash", ["", "/"])
async def test_the_snake_spelling_shows_a_request_half_way(
    world: StatusWorld, half_way: UUID, slash: str
) -> None:
    """R10 R12 R15"""
    body = await body_of(world, f"/status/{half_way}{slash}")
    images, products = body.pop("images"), body.pop("products")
    assert list(body) == [
        *("request_id", "status", "state", "progress", "output_csv_url", "created_at", "completed_at"),
        *("filename", "webhook"),
    ]
    assert body["status"] == "processing"
    assert body["output_csv_url"] is None
    assert list(images[0]) == ["id", "product_id", "input_url", "output_url"]
    assert [image["output_url"] for image in images] == ["https://files.example/0.jpg", None, None, None]
    assert products == [
        {
            "id": images[0]["product_id"],
            "serial_number": "1",
            "product_name": "SKU1",
            "input_image_urls": ["https://origin.example/0.jpg", "https://origin.example/1.jpg"],
            "output_image_urls": ["https://files.example/0.jpg", None],
            "processing_status": "completed",
        },
        {
            "id": images[2]["product_id"],
            "serial_number": "2.5",
            "product_name": "SKU2",
            "input_image_urls": ["https://origin.example/2.jpg", "https://origin.example/3.jpg"],
            "output_image_urls": [None, None],
            "processing_status": "processing",
        },
    ]


@pytest.mark.parametrize("slash", ["", "/"])
async def test_the_camel_spelling_shows_a_request_half_way(
    world: StatusWorld, half_way: UUID, slash: str
) -> None:
    """R10 R11 R12"""
    body = await body_of(world, f"/api/status/{half_way}{slash}")
    assert body == {
        "requestId": str(half_way),
        "status": "processing",
        "progress": 50.0,
        "createdAt": "2026-11-20T10:00:00.123Z",
        "completedAt": None,
        "webhook": {"url": "https://shop.example/hook", "triggered": False, "attempts": 0},
        "products": [
            {
                "requestId": str(half_way),
                "serialNumber": 1,
                "productName": "SKU1",
                "inputImageUrls": ["https://origin.example/0.jpg", "https://origin.example/1.jpg"],
                "outputImageUrls": ["https://files.example/0.jpg", None],
                "processingStatus": "completed",
            },
            {
                "requestId": str(half_way),
                "serialNumber": 2.5,
                "productName": "SKU2",
                "inputImageUrls": ["https://origin.example/2.jpg", "https://origin.example/3.jpg"],
                "outputImageUrls": [None, None],
                "processingStatus": "processing",
            },
        ],
    }
    assert list(body) == [
        *("requestId", "status", "progress", "createdAt", "completedAt", "webhook", "products"),
    ]


async def end(world: StatusWorld, state: str) -> UUID:
    request_id = await world.add_request(
        state=state,
        products=1,
        images=3,
        done=1,
        failed=1,
        completed_at=CREATED + timedelta(seconds=3),
        output_csv_path="requests/x/output-1.csv",
    )
    await world.add_product(request_id, 0, 3, 0)
    await world.add_image(request_id, 0, 0, "done")
    await world.add_image(request_id, 1, 0, "failed")
    await world.add_image(request_id, 2, 0, "planned")
    return request_id


@pytest.mark.parametrize(
    ("state", "v1", "snake", "camel"),
    [
        ("pending", "pending", "processing", "pending"),
        ("processing", "processing", "processing", "processing"),
        ("completed", "completed", "completed", "completed"),
        ("failed", "failed", "failed", "failed"),
        ("cancelled", "cancelled", "failed", "failed"),
    ],
)
async def test_each_state_has_its_word_in_each_spelling(
    world: StatusWorld, state: str, v1: str, snake: str, camel: str
) -> None:
    """R10"""
    if state in {"pending", "processing"}:
        request_id = await world.add_request(state=state, products=1, images=3)
    else:
        request_id = await end(world, state)
    assert (await body_of(world, f"/v1/requests/{request_id}"))["state"] == v1
    snake_body = await body_of(world, f"/status/{request_id}")
    assert (snake_body["status"], snake_body["state"]) == (snake, state)
    assert (await body_of(world, f"/api/status/{request_id}"))["status"] == camel


async def test_a_request_that_is_being_cancelled_says_so_at_once_and_promises_no_time(
    world: StatusWorld, half_way: UUID
) -> None:
    """R10: the other spellings know no such word, and filters and lists count it as open."""
    await world.update(half_way, "cancel_requested_at = now()")
    body = await body_of(world, f"/v1/requests/{half_way}")
    assert (body["state"], body["status"], body["eta_seconds"]) == ("cancelling", "cancelling", None)
    assert (await body_of(world, f"/status/{half_way}"))["status"] == "processing"
    listed = (await body_of(world, "/v1/requests?state=processing"))["items"]
    assert [item["state"] for item in listed] == ["cancelling"]


async def test_only_a_completed_request_links_its_output_in_the_snake_spelling(world: StatusWorld) -> None:
    """R14"""
    completed = await end(world, "completed")
    failed = await end(world, "failed")
    assert (await body_of(world, f"/status/{completed}"))["output_csv_url"] == f"/download/{completed}"
    assert (await body_of(world, f"/status/{failed}"))["output_csv_url"] is None


async def test_v1_links_the_output_in_every_terminal_state(world: StatusWorld) -> None:
    """R14"""
    request_id = await end(world, "cancelled")
    body = await body_of(world, f"/v1/requests/{request_id}")
    assert body["output_csv_url"] == f"https://pixmill.example/v1/requests/{request_id}/output.csv"


async def test_what_was_open_at_a_cancel_counts_as_cancelled(world: StatusWorld) -> None:
    request_id = await end(world, "cancelled")
    body = await body_of(world, f"/v1/requests/{request_id}")
    assert body["progress"] == 100.0
    assert body["counts"] == {
        "products": 1,
        "images": 3,
        "done": 1,
        "failed": 1,
        "cancelled": 1,
        "remaining": 0,
    }
    images = (await body_of(world, f"/v1/requests/{request_id}/images?state=cancelled"))["items"]
    assert [(image["ordinal"], image["state"]) for image in images] == [(2, "cancelled")]
    products = (await body_of(world, f"/api/status/{request_id}"))["products"]
    assert products[0]["processingStatus"] == "completed"


UNKNOWN = ["0193aaaa-0000-7000-8000-000000000000", "no-uuid", "{0193aaaa-0000-7000-8000-000000000000}", "💥"]


@pytest.mark.parametrize("request_id", UNKNOWN)
@pytest.mark.parametrize(
    "path",
    [
        "/v1/requests/{}",
        "/v1/requests/{}/images",
        "/v1/requests/{}/deliveries",
        "/v1/requests/{}/events",
        "/status/{}",
        "/status/{}/",
        "/api/status/{}",
        "/api/status/{}/",
    ],
)
async def test_an_unknown_id_is_not_found(world: StatusWorld, path: str, request_id: str) -> None:
    """R15"""
    answer = await world.get(path.format(request_id))
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["error"] == "Request ID not found"


DOWNLOADS = [
    "/v1/requests/{}/output.csv",
    "/download/{}",
    "/download/{}/",
    "/api/download/{}",
    "/api/download/{}/",
]


@pytest.mark.parametrize("path", DOWNLOADS)
async def test_an_output_of_an_unknown_or_unfinished_request_is_not_found(
    world: StatusWorld, half_way: UUID, path: str
) -> None:
    """R15"""
    for request_id in (*UNKNOWN, half_way):
        answer = await world.get(path.format(request_id))
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["error"] == "Output CSV not found"


@pytest.mark.parametrize("path", DOWNLOADS)
async def test_the_output_is_downloaded_under_every_path(world: StatusWorld, path: str) -> None:
    """R14"""
    request_id = await end(world, "completed")
    world.store.objects["requests/x/output-1.csv"] = b"a,b\r\n1,2\r\n"
    answer = await world.get(path.format(request_id))
    assert answer.status_code == 200
    assert answer.content == b"a,b\r\n1,2\r\n"
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-length"] == "10"


async def test_a_delivery_shows_how_far_it_got(world: StatusWorld) -> None:
    """R12 R17"""
    request_id = await world.add_request(
        state="completed", completed_at=CREATED, webhook_url="https://shop.example/hook"
    )
    webhook_id = await world.add_delivery(request_id, state="retrying", attempts=1, due_at=EXPIRES)
    await world.add_attempt(webhook_id)
    block = (await body_of(world, f"/v1/requests/{request_id}"))["webhook"]
    assert block == {
        "url": "https://shop.example/hook",
        "triggered": True,
        "attempts": 1,
        "state": "retrying",
    }
    assert await body_of(world, f"/v1/requests/{request_id}/deliveries") == {
        "items": [
            {
                "webhook_id": str(webhook_id),
                "run": 1,
                "state": "retrying",
                "attempts": 1,
                "next_attempt_at": "2100-01-01T00:00:00.000Z",
                "delivered_at": None,
                "log": [
                    {
                        "attempt": 1,
                        "outcome": "failed",
                        "attempted_at": "2026-11-20T10:00:00.123Z",
                        "duration_ms": 12.5,
                        "status_code": 500,
                        "error": None,
                        "response_excerpt": None,
                    }
                ],
            }
        ],
        "next": None,
    }


async def test_the_feed_of_ends_shows_each_event_whole(world: StatusWorld) -> None:
    """R26"""
    request_id = await end(world, "completed")
    event_id = await world.add_completion(request_id, {"type": "request.completed", "run": 1})
    body = await body_of(world, "/v1/events")
    assert body["items"] == [
        {
            "id": str(event_id),
            "type": "request.completed",
            "time": "2026-11-20T10:00:00.123Z",
            "data": {"type": "request.completed", "run": 1},
        }
    ]
    assert (await body_of(world, f"/v1/events?after={body['next']}")) == {"items": [], "next": None}
    assert (await body_of(world, f"/v1/events?after={event_id}"))["items"] == []
