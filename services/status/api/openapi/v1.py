"""What /v1 answers: of each answer its schema, and an example made by the code that answers."""

from dataclasses import replace
from datetime import date
from uuid import uuid5

from pydantic_core import from_json

from services.status.api.answers.json_answers import page
from services.status.api.openapi.example_request import (
    ENDED,
    IMAGES,
    INPUT_URLS,
    LINKS,
    OUTPUT_KEY,
    OUTPUT_URLS,
    PRODUCT_ID,
    REQUEST,
)
from services.status.api.openapi.values import PERCENT, SHOWN_STATE, STATE
from services.status.reading.reader import COUNTED_REQUESTS
from services.status.records.states import DeliveryState, ImageState
from services.status.rendering.completed_event import CompletionBody
from services.status.rendering.v1 import v1_delivery, v1_image, v1_request, v1_summary, v1_usage
from shared.contract.codes import Fixer, http_code
from shared.contract.events import Priority, RequestState, utc_text
from shared.web.openapi.answers import EXAMPLE_ID, answer
from shared.web.openapi.schemas import (
    COUNT,
    FLAG,
    NUMBER,
    TEXT,
    TIME,
    URL,
    UUID_TEXT,
    Json,
    listed,
    members,
    one_of,
    or_null,
    page_of,
    ref,
)


def request(description: str) -> Json:
    return answer(
        description,
        ref("Request"),
        v1_request(replace(REQUEST, failures=((http_code(404), 1),)), LINKS, ENDED),
    )


def requests() -> Json:
    return answer("A page.", ref("Requests"), page([v1_summary(REQUEST, ENDED)], None))


def usage() -> Json:
    counts = {"requests": 1, "images": 2, "done": 1, "bytes_in": 204_800, "bytes_out": 81_920}
    row = {"state": RequestState.COMPLETED, "expires_on": date(2026, 12, 21), **counts}
    return answer("What there is.", ref("Usage"), v1_usage([row], COUNTED_REQUESTS))


def images() -> Json:
    row = {
        "id": IMAGES[0].id,
        "product_id": PRODUCT_ID,
        "ordinal": 0,
        "same_as": None,
        "state": ImageState.DONE,
        "input_url": INPUT_URLS[0],
        "output_url": OUTPUT_URLS[0],
        "original_key": OUTPUT_KEY.replace("/output/", "/original/"),
        "code": None,
        "attempt": 1,
        "ended_at": ENDED,
        "last_code": None,
        "due_at": None,
        "bytes_in": 204_800,
        "bytes_out": 81_920,
        "width": 1200,
        "height": 900,
        "format": "jpeg",
    }
    return answer("A page, in the order of the CSV.", ref("Images"), page([v1_image(row, LINKS)], None))


def deliveries() -> Json:
    delivery = {
        "webhook_id": uuid5(REQUEST.id, "delivery"),
        "run": 1,
        "state": DeliveryState.DELIVERED,
        "attempts": 1,
        "due_at": None,
        "delivered_at": ENDED,
    }
    attempt = {
        "attempt": 1,
        "outcome": "delivered",
        "attempted_at": ENDED,
        "duration_ms": 84.2,
        "status_code": 200,
        "error": None,
        "response_excerpt": "ok",
    }
    return answer("A page, by run.", ref("Deliveries"), page([v1_delivery(delivery, [attempt])], None))


def events() -> Json:
    item = {
        "id": str(uuid5(REQUEST.id, "completed")),
        "type": "request.completed",
        "time": utc_text(ENDED),
        "data": _completion(),
    }
    return answer("A page, in order, without gaps.", ref("Events"), page([item], "1"))


def _completion() -> Json:
    body = CompletionBody(REQUEST, LINKS, ENDED, limit_bytes=16_384)
    body.add(IMAGES)
    event: Json = from_json(body.render())
    return event


def event_stream() -> Json:
    example = f"event: request.completed\nid: {EXAMPLE_ID}\ndata: {{}}\n\n"
    return answer("Server-sent events.", members(event=TEXT, data=TEXT), example, "text/event-stream")


def deleted() -> Json:
    example = {"request_id": EXAMPLE_ID, "state": "deleted"}
    return answer("Nobody finds it any more.", ref("Deleted"), example)


_COUNTS = members(products=COUNT, images=COUNT, done=COUNT, failed=COUNT, cancelled=COUNT, remaining=COUNT)
_SUMMARY = members(
    request_id=UUID_TEXT,
    run=COUNT,
    state=SHOWN_STATE,
    status=SHOWN_STATE,
    progress=PERCENT,
    counts=_COUNTS,
    filename=TEXT,
    priority=one_of(list(Priority)),
    created_at=TIME,
    completed_at=or_null(TIME),
    expires_at=or_null(TIME),
    eta_seconds=or_null(NUMBER),
    bytes_in=COUNT,
    bytes_out=COUNT,
)
_REST = members(
    failures=listed(
        members(code=TEXT, count=COUNT, hint=TEXT, fixer=one_of(list(Fixer)), retryable=FLAG, help_url=URL),
    ),
    webhook=or_null(members(url=URL, triggered=FLAG, attempts=COUNT, state=one_of(list(DeliveryState)))),
    output_csv_url=or_null(URL),
    links={"type": "object", "additionalProperties": URL},
)
_STORED = {"requests": COUNT, "images": COUNT, "done": COUNT, "bytes_in": COUNT, "bytes_out": COUNT}
_USAGE = members(
    **_STORED,
    states=members(**{str(state): COUNT for state in RequestState}),
    expiring=listed(members(on={"type": "string", "format": "date"}, **_STORED)),
    whole=FLAG,
)
_IMAGE = members(
    id=UUID_TEXT,
    product_id=UUID_TEXT,
    ordinal=COUNT,
    same_as=or_null(COUNT),
    state=one_of(list(ImageState)),
    input_url=TEXT,
    output_url=or_null(URL),
    original_url=or_null(URL),
    code=or_null(TEXT),
    hint=or_null(TEXT),
    help_url=or_null(URL),
    attempts=COUNT,
    bytes_in=or_null(COUNT),
    bytes_out=or_null(COUNT),
    width=or_null(COUNT),
    height=or_null(COUNT),
    format=or_null(TEXT),
    ended_at=or_null(TIME),
    last_code=or_null(TEXT),
    next_attempt_at=or_null(TIME),
)
_ATTEMPT = members(
    attempt=COUNT,
    outcome=TEXT,
    attempted_at=TIME,
    duration_ms=or_null(NUMBER),
    status_code=or_null(COUNT),
    error=or_null(TEXT),
    response_excerpt=or_null(TEXT),
)
_DELIVERY = members(
    webhook_id=UUID_TEXT,
    run=COUNT,
    state=one_of(list(DeliveryState)),
    attempts=COUNT,
    next_attempt_at=or_null(TIME),
    delivered_at=or_null(TIME),
    log=listed(_ATTEMPT),
)
# requestId is in it, too: generators make one name of both, and write programs that do not compile.
_COMPLETION = members(
    type=one_of(["request.completed"]),
    timestamp=TIME,
    request_id=UUID_TEXT,
    run=COUNT,
    status=STATE,
    message=TEXT,
    output_csv_url=or_null(URL),
    data={"type": "object"},
)

SCHEMAS = {
    "Request": {"allOf": [_SUMMARY, _REST]},
    "Requests": page_of(_SUMMARY),
    "Usage": _USAGE,
    "Images": page_of(_IMAGE),
    "Deliveries": page_of(_DELIVERY),
    "Events": page_of(members(id=UUID_TEXT, type=one_of(["request.completed"]), time=TIME, data=_COMPLETION)),
    "Deleted": members(request_id=UUID_TEXT, state=one_of(["deleted"])),
}
