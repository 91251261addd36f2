"""What we sign is genuine to the specification's own library, and what anybody changed is not."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from standardwebhooks import Webhook, WebhookVerificationError

from services.notifier.sign import signature_headers, verification_problem
from shared.contract.webhook_secret import signing_secret

# The vector that the specification's own libraries are tested with.
VECTOR_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
VECTOR_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
VECTOR_TIMESTAMP = 1614265330
VECTOR_BODY = b'{"test": 2432232314}'
VECTOR_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

BODY = '{"name":"Grüße","nil":"\\u0000"}'.encode()
NEW, OLD = (signing_secret(SecretStr(master), "local") for master in ("new", "old"))
NOW = 1_790_000_000


def test_the_published_test_vector_is_signed_as_published() -> None:
    """R16, R20."""
    headers = signature_headers(VECTOR_ID, VECTOR_TIMESTAMP, VECTOR_BODY, [VECTOR_SECRET])
    assert headers == {
        "webhook-id": VECTOR_ID,
        "webhook-timestamp": str(VECTOR_TIMESTAMP),
        "webhook-signature": VECTOR_SIGNATURE,
    }


def test_the_public_library_verifies_with_every_secret_of_a_rotation() -> None:
    """R20: WEBHOOK_MASTER_KEYS=new,old signs with both, newest first."""
    now = _by_the_library_s_clock()
    headers = signature_headers("id", now, BODY, [NEW, OLD])
    for secret in (NEW, OLD):
        Webhook(secret).verify(BODY, headers)
    first, second = headers["webhook-signature"].split(" ")
    assert signature_headers("id", now, BODY, [NEW])["webhook-signature"] == first
    assert signature_headers("id", now, BODY, [OLD])["webhook-signature"] == second


def test_the_public_library_refuses_another_tenants_secret_and_other_bytes() -> None:
    headers = signature_headers("id", _by_the_library_s_clock(), BODY, [NEW])
    Webhook(NEW).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(signing_secret(SecretStr("new"), "other")).verify(BODY, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(BODY + b" ", headers)


@given(body=st.binary(max_size=200), webhook_id=st.uuids().map(str), key=st.binary(min_size=1, max_size=64))
def test_whatever_is_signed_is_verified(body: bytes, webhook_id: str, key: bytes) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    headers = signature_headers(webhook_id, NOW, body, [secret])
    assert verification_problem(headers, body, secret, NOW) is None


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"webhook-id": "other"}, "no signature matches"),
        ({"webhook-timestamp": str(NOW - 1)}, "no signature matches"),
        ({"webhook-timestamp": str(NOW - 301)}, "the timestamp is too far from this clock"),
        ({"webhook-timestamp": str(NOW + 301)}, "the timestamp is too far from this clock"),
        ({"webhook-timestamp": "9" * 400}, "the timestamp is too far from this clock"),
        ({"webhook-timestamp": "\u0661"}, "the timestamp is no whole number"),
        ({"webhook-timestamp": "-1"}, "the timestamp is no whole number"),
        ({"webhook-signature": ""}, "a webhook header is missing"),
        ({"webhook-signature": "v1,"}, "no signature matches"),
        ({"webhook-signature": "v1,€"}, "no signature matches"),
        ({"webhook-signature": "v1,not-base64"}, "no signature matches"),
        ({"webhook-signature": "v1a"}, "no signature matches"),
        ({"webhook-signature": "v2,{genuine}"}, "no signature matches"),
        ({"webhook-signature": "v1,AAAA v1,{genuine}"}, None),
    ],
)
def test_a_delivery_that_was_tampered_with_is_refused(changed: dict[str, str], problem: str | None) -> None:
    headers = signature_headers("id", NOW, BODY, [NEW])
    genuine = headers["webhook-signature"].removeprefix("v1,")
    headers |= {name: value.replace("{genuine}", genuine) for name, value in changed.items()}
    assert verification_problem(headers, BODY, NEW, NOW) == problem


def _by_the_library_s_clock() -> int:
    """The public library reads the real clock itself, and these tests may run long after their import."""
    return int(datetime.now(UTC).timestamp())
