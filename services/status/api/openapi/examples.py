"""One request as every part of the API shows it, for the OpenAPI document; rendered as the answers are."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

from pydantic_core import from_json

from services.status.api.json_answers import page
from services.status.records.request import EndedImage, ImageRecord, RequestRecord, WebhookRecord
from services.status.records.states import DeliveryState, ImageState
from services.status.rendering import output_csv, report_csvs
from services.status.rendering.completed_event import CompletionBody
from services.status.rendering.links import Links
from services.status.rendering.spellings import (
    camel_head,
    camel_product,
    snake_head,
    snake_image,
    snake_product,
)
from services.status.rendering.v1 import v1_delivery, v1_image, v1_request, v1_summary
from services.status.rendering.values import Json
from shared.contract.codes import http_code
from shared.contract.csv_files import spaced
from shared.contract.events import Priority, RequestState, utc_text
from shared.web.openapi import EXAMPLE_ID

_LINKS = Links("https://pixmill.example")
_BEGAN, _ENDED = (datetime(2026, 11, 21, 12, 0, second, tzinfo=UTC) for second in (0, 9))
_REQUEST = RequestRecord(
    id=UUID(EXAMPLE_ID),
    tenant="shop",
    state=RequestState.COMPLETED,
    run=1,
    priority=Priority.NORMAL,
    filename="products.csv",
    created_at=_BEGAN,
    products=1,
    images=2,
    run_started_at=_BEGAN,
    completed_at=_ENDED,
    expires_at=datetime(2026, 12, 21, 12, 0, 9, tzinfo=UTC),
    done=1,
    failed=1,
    bytes_in=204_800,
    bytes_out=81_920,
    output_csv_path=f"requests/{EXAMPLE_ID}/output-1.csv",
    webhook=WebhookRecord("https://shop.example/hook", DeliveryState.DELIVERED, 1),
)
_INPUT_URLS = ("https://www.example.com/images/1-front.jpg", "https://www.example.com/images/1-back.jpg")
_OUTPUT_KEY = f"requests/{EXAMPLE_ID}/output/0-{'0b' * 16}.jpg"
_OUTPUT_URLS = (_LINKS.output(_OUTPUT_KEY), None)
_PRODUCT_ID = str(uuid5(_REQUEST.id, "product"))
_IMAGES = [
    ImageRecord(
        ordinal=ordinal,
        id=str(uuid5(_REQUEST.id, input_url)),
        input_url=input_url,
        output_url=output_url,
        state=ImageState.DONE if output_url else ImageState.FAILED,
        started=True,
        product_number=0,
        product_id=_PRODUCT_ID,
        serial_number="1",
        product_name="SKU1",
    )
    for ordinal, (input_url, output_url) in enumerate(zip(_INPUT_URLS, _OUTPUT_URLS, strict=True))
]


FILE_KEY = _OUTPUT_KEY


def request() -> Json:
    return v1_request(_REQUEST, _LINKS, _ENDED, [(http_code(404), 1)])


def requests() -> Json:
    return page([v1_summary(_REQUEST, _ENDED)], None)


def images() -> Json:
    measured = {"bytes_in": 204_800, "bytes_out": 81_920, "width": 1200, "height": 900, "format": "jpeg"}
    row = {
        "id": _IMAGES[0].id,
        "product_id": _PRODUCT_ID,
        "ordinal": 0,
        "same_as": None,
        "state": ImageState.DONE,
        "input_url": _INPUT_URLS[0],
        "output_url": _OUTPUT_URLS[0],
        "original_key": _OUTPUT_KEY.replace("/output/", "/original/"),
        "code": None,
        "attempt": 1,
        "ended_at": _ENDED,
        "last_code": None,
        "due_at": None,
        **measured,
    }
    return page([v1_image(row, _LINKS)], None)


def deliveries() -> Json:
    delivery = {
        "webhook_id": uuid5(_REQUEST.id, "delivery"),
        "run": 1,
        "state": DeliveryState.DELIVERED,
        "attempts": 1,
        "due_at": None,
        "delivered_at": _ENDED,
    }
    attempt = {
        "attempt": 1,
        "outcome": "delivered",
        "attempted_at": _ENDED,
        "duration_ms": 84,
        "status_code": 200,
        "error": None,
        "response_excerpt": "ok",
    }
    return page([v1_delivery(delivery, [attempt])], None)


def completion() -> Json:
    body = CompletionBody(_REQUEST, _LINKS, _ENDED, limit_bytes=16_384)
    body.add(_IMAGES)
    event: Json = from_json(body.render())
    return event


def events() -> Json:
    item = {
        "id": str(uuid5(_REQUEST.id, "completed")),
        "type": "request.completed",
        "time": utc_text(_ENDED),
        "data": completion(),
    }
    return page([item], "1")


def snake_status() -> Json:
    images = [snake_image(image) for image in _IMAGES]
    return snake_head(_REQUEST) | {"images": images, "products": [snake_product(_IMAGES)]}


def camel_status() -> Json:
    return camel_head(_REQUEST) | {"products": [camel_product(str(_REQUEST.id), _IMAGES)]}


def failed() -> str:
    columns = ["S. No.", "Product Name", "Input Image Urls"]
    product = {"cells": ["2", "SKU2", _INPUT_URLS[0]], "images": 1, "first_ordinal": 2}
    image = EndedImage(2, 1, ImageState.FAILED, code=http_code(404))
    rows = [report_csvs.failed_row(columns, product, [image])]
    return (report_csvs.failed_header(columns) + output_csv.rendered(rows, spaced)).decode()


def output() -> str:
    columns = ["S. No.", "Product Name", "Input Image Urls"]
    cells = ["1", "SKU1", ",".join(_INPUT_URLS)]
    rendered = output_csv.rendered([output_csv.row(columns, cells, _OUTPUT_URLS)])
    return (output_csv.header(columns) + rendered).decode()
