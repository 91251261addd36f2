"""Signatures of webhooks: https://www.standardwebhooks.com (pure but for the clock)."""

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterable, Mapping

from pixmill.errors import ForgedWebhookError
from pixmill.records import NOT_SO, Completion

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
TOLERANCE_SECONDS = 300
_SECONDS = re.compile(r"[0-9]{1,15}")
SECRET_PREFIX = "whsec_"  # noqa: S105 - how a secret begins
_MALFORMED = "A webhook secret is whsec_ and base64."


def verify_webhook(
    body: bytes | str,
    headers: Mapping[str, str],
    secret: str,
    *,
    now_seconds: float | None = None,
) -> Completion:
    """What a genuine webhook says; `ForgedWebhookError` for any other.

    `body` must be the bytes as they came, and `headers` may be spelled in any case. The same `Completion.id`
    may come more than once: remember the ids that you have dealt with.
    """
    raw = body.encode() if isinstance(body, str) else bytes(body)
    given = {name.lower(): value for name, value in headers.items()}
    webhook_id, timestamp, claimed = (
        given.get(name, "") for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER)
    )
    if not (webhook_id and timestamp and claimed):
        raise ForgedWebhookError(
            "It has not all of the headers webhook-id, webhook-timestamp, webhook-signature."
        )
    if not _SECONDS.fullmatch(timestamp):
        raise ForgedWebhookError("Its webhook-timestamp is no whole number.")
    if abs((time.time() if now_seconds is None else now_seconds) - int(timestamp)) > TOLERANCE_SECONDS:
        raise ForgedWebhookError("Its webhook-timestamp is more than five minutes from this clock.")
    expected = signature(webhook_id, timestamp, raw, secret)
    if not any(hmac.compare_digest(expected, one) for one in _claims(claimed)):
        raise ForgedWebhookError(
            "No signature of it matches: another secret, or a body that was changed on the way."
        )
    return _completion(webhook_id, raw)


def signature(webhook_id: str, timestamp: str, body: bytes, secret: str) -> bytes:
    """Raises ValueError for a secret that is none."""
    return hmac.digest(key_of(secret), f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256)


def signed(webhook_id: str, timestamp: int, body: bytes, secret: str) -> Mapping[str, str]:
    """The three headers of a genuine webhook."""
    encoded = base64.b64encode(signature(webhook_id, str(timestamp), body, secret)).decode()
    return {ID_HEADER: webhook_id, TIMESTAMP_HEADER: str(timestamp), SIGNATURE_HEADER: f"v1,{encoded}"}


def key_of(secret: str) -> bytes:
    """Raises `ValueError` for what is no secret, and for an empty one: anybody could sign with it."""
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except ValueError as error:
        raise ValueError(_MALFORMED) from error
    if not key:
        raise ValueError(_MALFORMED)
    return key


def _claims(header: str) -> Iterable[bytes]:
    for claim in header.split(" "):
        version, _, encoded = claim.partition(",")
        if version == "v1":
            try:
                yield base64.b64decode(encoded, validate=True)
            except (binascii.Error, ValueError):  # ValueError: not even ASCII
                continue


def _completion(webhook_id: str, body: bytes) -> Completion:
    try:
        return Completion.from_json(webhook_id, json.loads(body))
    except NOT_SO as error:
        raise ForgedWebhookError("It is signed, but it is no request.completed of Pixmill.") from error
