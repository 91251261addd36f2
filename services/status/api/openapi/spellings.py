"""The status in the snake and in the camel spelling: its schema, and an example made as the answer is."""

from services.status.api.openapi.example_request import IMAGES, REQUEST
from services.status.api.openapi.values import PERCENT, STATE
from services.status.rendering.spellings import (
    SpelledState,
    camel_head,
    camel_product,
    snake_head,
    snake_image,
    snake_product,
)
from shared.web.openapi.answers import answer
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
    ref,
)


def snake_status() -> Json:
    arrays = {"images": [snake_image(image) for image in IMAGES], "products": [snake_product(IMAGES)]}
    return answer("The request.", ref("StatusSnake"), snake_head(REQUEST) | arrays)


def camel_status() -> Json:
    products = [camel_product(str(REQUEST.id), IMAGES)]
    return answer("The request.", ref("StatusCamel"), camel_head(REQUEST) | {"products": products})


_PRODUCT_STATE = one_of(list(SpelledState))
_WEBHOOK = members(url=URL, triggered=FLAG, attempts=COUNT)
_SNAKE_IMAGE = members(id=UUID_TEXT, product_id=UUID_TEXT, input_url=TEXT, output_url=or_null(URL))
_SNAKE_PRODUCT = members(
    id=UUID_TEXT,
    serial_number=TEXT,
    product_name=TEXT,
    input_image_urls=listed(TEXT),
    output_image_urls=listed(or_null(URL)),
    processing_status=_PRODUCT_STATE,
)
_CAMEL_PRODUCT = members(
    requestId=UUID_TEXT,
    serialNumber={"anyOf": [NUMBER, TEXT]},
    productName=TEXT,
    inputImageUrls=listed(TEXT),
    outputImageUrls=listed(or_null(URL)),
    processingStatus=_PRODUCT_STATE,
)

SCHEMAS = {
    "StatusSnake": members(
        request_id=UUID_TEXT,
        status=one_of(["processing", "completed", "failed"]),
        state=STATE,
        progress=PERCENT,
        output_csv_url=or_null(TEXT),
        created_at=TIME,
        completed_at=or_null(TIME),
        filename=TEXT,
        webhook=or_null(_WEBHOOK),
        images=listed(_SNAKE_IMAGE),
        products=listed(_SNAKE_PRODUCT),
    ),
    "StatusCamel": members(
        requestId=UUID_TEXT,
        status=_PRODUCT_STATE,
        progress=PERCENT,
        createdAt=TIME,
        completedAt=or_null(TIME),
        webhook=or_null(_WEBHOOK),
        products=listed(_CAMEL_PRODUCT),
    ),
}
