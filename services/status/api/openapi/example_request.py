"""One request as the records have it; every example shows this one in its own way."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

from services.status.records.request import ImageRecord, RequestRecord, WebhookRecord
from services.status.records.states import DeliveryState, ImageState
from services.status.rendering.links import Links
from shared.contract.events import Priority, RequestState
from shared.web.openapi.answers import EXAMPLE_ID

LINKS = Links("https://pixmill.example")
BEGAN, ENDED = (datetime(2026, 11, 21, 12, 0, second, tzinfo=UTC) for second in (0, 9))
REQUEST = RequestRecord(
    id=UUID(EXAMPLE_ID),
    tenant="shop",
    state=RequestState.COMPLETED,
    run=1,
    priority=Priority.NORMAL,
    filename="products.csv",
    created_at=BEGAN,
    products=1,
    images=2,
    run_started_at=BEGAN,
    completed_at=ENDED,
    expires_at=datetime(2026, 12, 21, 12, 0, 9, tzinfo=UTC),
    done=1,
    failed=1,
    bytes_in=204_800,
    bytes_out=81_920,
    output_csv_path=f"requests/{EXAMPLE_ID}/output-1.csv",
    webhook=WebhookRecord("https://shop.example/hook", DeliveryState.DELIVERED, 1),
)
COLUMNS = ["S. No.", "Product Name", "Input Image Urls"]
INPUT_URLS = ("https://www.example.com/images/1-front.jpg", "https://www.example.com/images/1-back.jpg")
OUTPUT_KEY = f"requests/{EXAMPLE_ID}/output/0-{'0b' * 16}.jpg"
OUTPUT_URLS = (LINKS.output(OUTPUT_KEY), None)
PRODUCT_ID = str(uuid5(REQUEST.id, "product"))
IMAGES = [
    ImageRecord(
        ordinal=ordinal,
        id=str(uuid5(REQUEST.id, input_url)),
        input_url=input_url,
        output_url=output_url,
        state=ImageState.DONE if output_url else ImageState.FAILED,
        started=True,
        product_number=0,
        product_id=PRODUCT_ID,
        serial_number="1",
        product_name="SKU1",
    )
    for ordinal, (input_url, output_url) in enumerate(zip(INPUT_URLS, OUTPUT_URLS, strict=True))
]
