"""request.completed: one JSON object that never outgrows its limit."""

import json
import uuid
from datetime import UTC, datetime

import pytest

from services.status.records.request import ImageRecord, RequestRecord
from services.status.records.states import ImageState
from services.status.rendering.completed_event import CompletionBody
from services.status.rendering.links import Links
from shared.contract.events import Priority, RequestCompleted, RequestState

ENDED = datetime(2026, 11, 20, 10, 0, 0, 123_456, tzinfo=UTC)
ID = uuid.UUID(int=7)
LIMIT_BYTES = 16_384


def body(limit_bytes: int = LIMIT_BYTES, state: RequestState = RequestState.COMPLETED) -> CompletionBody:
    record = RequestRecord(
        id=ID,
        tenant="local",
        state=state,
        run=1,
        priority=Priority.NORMAL,
        filename="p.csv",
        created_at=ENDED,
        products=3,
        images=3,
        done=2,
        failed=1,
        bytes_in=10,
        bytes_out=4,
        output_csv_path="k",
    )
    return CompletionBody(record, Links("http://s.example"), ENDED, limit_bytes)


def product(number: int, name: str = "SKU", urls: int = 1) -> list[ImageRecord]:
    return [
        ImageRecord(
            ordinal=n,
            id="i",
            input_url=f"https://a/{n}.jpg",
            output_url="https://o/1.jpg",
            state=ImageState.DONE,
            started=True,
            product_number=number,
            product_id="p",
            serial_number="1",
            product_name=name,
        )
        for n in range(urls)
    ]


def test_the_event_reads_as_documented() -> None:
    """R16 R26"""
    told = body()
    told.add(product(0))
    assert json.loads(told.render()) == {
        "type": "request.completed",
        "timestamp": "2026-11-20T10:00:00.123Z",
        "request_id": str(ID),
        "requestId": str(ID),
        "run": 1,
        "status": "completed",
        "message": "2 of 3 images were processed, 1 failed.",
        "output_csv_url": f"http://s.example/v1/requests/{ID}/output.csv",
        "data": {
            "request_id": str(ID),
            "state": "completed",
            "counts": {"products": 3, "images": 3, "done": 2, "failed": 1, "cancelled": 0, "remaining": 0},
            "bytes_in": 10,
            "bytes_out": 4,
            "status_url": f"http://s.example/v1/requests/{ID}",
            "output_csv_url": f"http://s.example/v1/requests/{ID}/output.csv",
            "created_at": "2026-11-20T10:00:00.123Z",
            "completed_at": "2026-11-20T10:00:00.123Z",
            "products": [
                {
                    "requestId": str(ID),
                    "serialNumber": 1,
                    "productName": "SKU",
                    "inputImageUrls": ["https://a/0.jpg"],
                    "outputImageUrls": ["https://o/1.jpg"],
                    "processingStatus": "completed",
                }
            ],
            "products_truncated": False,
            "products_url": f"http://s.example/api/status/{ID}",
        },
    }
    assert RequestCompleted.parse(told.render()).run == 1


@pytest.mark.parametrize("name", ["SKU", "ß→🖼", '"products":[]'])
def test_products_are_told_from_the_first_on_for_as_long_as_they_fit(name: str) -> None:
    told = body()
    for number in range(500):
        told.add(product(number, name))
    rendered = told.render()
    products = json.loads(rendered)["data"]["products"]
    assert json.loads(rendered)["data"]["products_truncated"] is True
    assert LIMIT_BYTES - 300 < len(rendered) <= LIMIT_BYTES
    assert 0 < len(products) < 500


def test_after_the_first_product_that_does_not_fit_none_is_told() -> None:
    told = body()
    told.add(product(0, urls=1_000))
    told.add(product(1))
    data = json.loads(told.render())["data"]
    assert (data["products"], data["products_truncated"]) == ([], True)
