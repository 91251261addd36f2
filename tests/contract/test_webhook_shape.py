"""The webhook as its receiver sees it: the same bytes as the event, and exactly these headers."""

import json
import re
import time
from datetime import UTC, datetime
from ipaddress import ip_network
from uuid import UUID

from cryptography.fernet import Fernet
from pydantic import SecretStr
from standardwebhooks import Webhook

from services.notifier.handler import Dependencies, handle
from services.notifier.listen import LocalReceiver
from services.notifier.poster import open_poster
from services.notifier.receivers import Receivers
from services.status.records.request import ImageRecord, RequestRecord
from services.status.records.states import ImageState
from services.status.rendering.completed_event import CompletionBody
from services.status.rendering.links import Links
from shared.consuming.handling import Incoming
from shared.contract.events import TARGET_HEADER, TENANT_HEADER, Priority, RequestCompleted, RequestState
from shared.contract.targets import TargetKeyring
from shared.contract.topic_declarations import FOLDER
from shared.contract.webhook_secret import signing_secret

BODY = (FOLDER / "examples" / "request.completed.json").read_bytes().removesuffix(b"\n")
REQUEST = UUID("01930000-0000-7000-8000-000000000001")
FILES = f"https://pixmill.example/v1/files/requests/{REQUEST}/output"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
MASTER = SecretStr("master")
ENDED = datetime(2026, 11, 21, 12, tzinfo=UTC)


def image(ordinal: int, product: int, name: str, output: str | None) -> ImageRecord:
    return ImageRecord(
        ordinal=ordinal,
        id="",
        input_url=f"https://shop.example/{ordinal + 1}.jpg",
        output_url=output,
        state=ImageState.DONE if output else ImageState.FAILED,
        started=True,
        product_number=product,
        product_id="",
        serial_number=str(product + 1),
        product_name=name,
    )


def test_status_renders_the_event_as_documented() -> None:
    """R16, R26: the literal bytes of the published example."""
    record = RequestRecord(
        id=REQUEST,
        tenant="local",
        state=RequestState.COMPLETED,
        run=1,
        priority=Priority.NORMAL,
        filename="p.csv",
        created_at=datetime(2026, 11, 21, 11, 59, tzinfo=UTC),
        completed_at=ENDED,
        products=2,
        images=3,
        done=2,
        failed=1,
        bytes_in=4096,
        bytes_out=1024,
        output_csv_path="output-1.csv",
    )
    body = CompletionBody(record, Links("https://pixmill.example"), ENDED, 262_144)
    body.add([image(0, 0, "Grüße", f"{FILES}/0-bb.jpg"), image(1, 0, "Grüße", None)])
    body.add([image(2, 1, "SKU2", f"{FILES}/2-cc.jpg")])
    assert body.render() == BODY


async def test_a_receiver_gets_the_events_bytes_and_exactly_these_headers() -> None:
    """R16, R20."""
    keyring = TargetKeyring([SecretStr(Fernet.generate_key().decode())])
    allowed = (ip_network("127.0.0.0/8"),)
    now = datetime.now(UTC)
    async with LocalReceiver().open() as receiver, open_poster(allowed, lambda: now) as poster:
        headers = {
            TARGET_HEADER: keyring.seal(receiver.url + "hook"),
            TENANT_HEADER: "acme",
            "traceparent": TRACE,
            "ce_id": "ignored",
        }
        event = RequestCompleted.parse(BODY)
        message = Incoming(event=event, time=now, value=BODY, headers=headers)
        needs = Dependencies(
            targets=keyring,
            master_keys=[MASTER],
            poster=poster,
            receivers=Receivers(time.monotonic),
            allowed=allowed,
            now=lambda: now,
        )
        await handle(message, needs)
        (delivery,) = receiver.deliveries
    assert (delivery.path, delivery.body) == ("/hook", BODY)
    patterns = {
        "host": r"127\.0\.0\.1:\d+",
        "user-agent": r"Pixmill/\S+",
        "accept": r"\*/\*",
        "accept-encoding": "identity",
        "connection": "close",
        "content-type": "application/json",
        "content-length": str(len(BODY)),
        "webhook-id": str(event.event_id()),
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": r"v1,[A-Za-z0-9+/]{43}=",
        "traceparent": TRACE,
    }
    assert delivery.headers.keys() == patterns.keys()
    assert [
        name for name, pattern in patterns.items() if not re.fullmatch(pattern, delivery.headers[name])
    ] == []
    verified = Webhook(signing_secret(MASTER, "acme")).verify(delivery.body, delivery.headers)
    assert verified == json.loads(BODY)
