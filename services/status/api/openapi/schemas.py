"""The shapes of the status service's answers, as JSON Schema."""

from services.status.records.states import DeliveryState, ImageState
from services.status.rendering.spellings import SpelledState
from shared.contract.events import Priority, RequestState
from shared.web.openapi import (
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
)

IMAGE_STATE = one_of(list(ImageState))
_STATE = one_of(list(RequestState))
_PERCENT: Json = {"type": "number", "minimum": 0, "maximum": 100}
_PRODUCT_STATE = one_of(list(SpelledState))
_WEBHOOK = members(url=URL, triggered=FLAG, attempts=COUNT)

_COUNTS = members(products=COUNT, images=COUNT, done=COUNT, failed=COUNT, cancelled=COUNT, remaining=COUNT)
_SUMMARY = members(
    request_id=UUID_TEXT,
    run=COUNT,
    state=_STATE,
    status=_STATE,
    progress=_PERCENT,
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
    failures=listed(members(code=TEXT, count=COUNT)),
    webhook=or_null(members(url=URL, triggered=FLAG, attempts=COUNT, state=one_of(list(DeliveryState)))),
    output_csv_url=or_null(URL),
    links={"type": "object", "additionalProperties": URL},
)
_IMAGE = members(
    id=UUID_TEXT,
    product_id=UUID_TEXT,
    ordinal=COUNT,
    same_as=or_null(COUNT),
    state=IMAGE_STATE,
    input_url=TEXT,
    output_url=or_null(URL),
    original_url=or_null(URL),
    code=or_null(TEXT),
    hint=or_null(TEXT),
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
    duration_ms=or_null(COUNT),
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
_COMPLETION = members(
    type=one_of(["request.completed"]),
    timestamp=TIME,
    request_id=UUID_TEXT,
    requestId=UUID_TEXT,
    run=COUNT,
    status=_STATE,
    message=TEXT,
    output_csv_url=or_null(URL),
    data={"type": "object"},
)
_SNAKE_IMAGE = members(id=UUID_TEXT, product_id=UUID_TEXT, input_url=TEXT, output_url=or_null(URL))
_SNAKE_PRODUCT = members(
    id=UUID_TEXT,
    serial_number=TEXT,
    product_name=TEXT,
    input_image_urls=listed(TEXT),
    output_image_urls=listed(or_null(URL)),
    processing_status=_PRODUCT_STATE,
)
_SNAKE_STATUS = members(
    request_id=UUID_TEXT,
    status=one_of(["processing", "completed", "failed"]),
    state=_STATE,
    progress=_PERCENT,
    output_csv_url=or_null(TEXT),
    created_at=TIME,
    completed_at=or_null(TIME),
    filename=TEXT,
    webhook=or_null(_WEBHOOK),
    images=listed(_SNAKE_IMAGE),
    products=listed(_SNAKE_PRODUCT),
)
_CAMEL_PRODUCT = members(
    requestId=UUID_TEXT,
    serialNumber={"type": ["number", "string"]},
    productName=TEXT,
    inputImageUrls=listed(TEXT),
    outputImageUrls=listed(or_null(URL)),
    processingStatus=_PRODUCT_STATE,
)
_CAMEL_STATUS = members(
    requestId=UUID_TEXT,
    status=_PRODUCT_STATE,
    progress=_PERCENT,
    createdAt=TIME,
    completedAt=or_null(TIME),
    webhook=or_null(_WEBHOOK),
    products=listed(_CAMEL_PRODUCT),
)

SCHEMAS = {
    "Request": {"allOf": [_SUMMARY, _REST]},
    "Requests": page_of(_SUMMARY),
    "Images": page_of(_IMAGE),
    "Deliveries": page_of(_DELIVERY),
    "Events": page_of(members(id=UUID_TEXT, type=one_of(["request.completed"]), time=TIME, data=_COMPLETION)),
    "Deleted": members(request_id=UUID_TEXT, state=one_of(["deleted"])),
    "StatusSnake": _SNAKE_STATUS,
    "StatusCamel": _CAMEL_STATUS,
}
