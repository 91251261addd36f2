"""R28: a webhook is believed only if it is genuine; the specification's own library agrees."""

import json
from datetime import UTC, datetime

import pytest
from pixmill import Client, ForgedWebhookError, verify_webhook
from pixmill.testing import FakePixmill
from standardwebhooks import Webhook

from services.notifier.sign import signature_headers
from tests.unit.client.conftest import PRODUCTS


@pytest.fixture
def delivery(server: FakePixmill) -> tuple[bytes, dict[str, str], str]:
    with Client(server.url) as client:
        body, headers = server.webhook(client.upload(PRODUCTS).id)
        return body, headers, client.webhook_secret()


def test_a_genuine_webhook_is_a_completion(delivery: tuple[bytes, dict[str, str], str]) -> None:
    body, headers, secret = delivery
    shouted = {name.upper(): value for name, value in headers.items()}
    completion = verify_webhook(body, shouted, secret)
    assert completion.id == headers["webhook-id"]
    assert (completion.state, len(completion.products)) == ("completed", 2)
    assert verify_webhook(body.decode(), headers, secret) == completion
    assert Webhook(secret).verify(body.decode(), headers) == json.loads(body)


def test_what_the_specification_s_library_signs_is_genuine(
    delivery: tuple[bytes, dict[str, str], str],
) -> None:
    body, _, secret = delivery
    now = datetime.now(UTC)
    signature = Webhook(secret).sign(msg_id="msg_1", timestamp=now, data=body.decode())
    theirs = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": f"v2,xx v1,AAAA v1,!! {signature}",
    }
    assert verify_webhook(body, theirs, secret).id == "msg_1"


def signed_with_nothing(body: bytes, now: int) -> dict[str, str]:
    """As anybody could sign for a receiver whose secret is empty."""
    return signature_headers("msg_1", now, body, ["whsec_"])


def test_everything_else_is_not(delivery: tuple[bytes, dict[str, str], str]) -> None:
    body, headers, secret = delivery
    now = int(headers["webhook-timestamp"])
    for wrong in (
        {"webhook-id": "another"},
        {"webhook-signature": "v1,AAAA"},
        {"webhook-signature": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-timestamp": str(now + 1)},
    ):
        with pytest.raises(ForgedWebhookError):
            verify_webhook(body, headers | wrong, secret, now_seconds=now)
    with pytest.raises(ForgedWebhookError):
        verify_webhook(body + b" ", headers, secret)
    with pytest.raises(ForgedWebhookError, match="five minutes"):
        verify_webhook(body, headers, secret, now_seconds=now + 301)
    with pytest.raises(ForgedWebhookError, match="another secret"):
        verify_webhook(body, headers, "whsec_AAAA")
    for none in ("no secret", "", "whsec_"):
        with pytest.raises(ValueError, match="whsec_ and base64"):
            verify_webhook(body, signed_with_nothing(body, now), none)
