"""Signatures of the Standard Webhooks specification: making them and checking them (pure).

This file knows bytes, secrets and seconds; it must not know what is delivered, and to whom. The
specification's own library signs text, with one secret; a test verifies with it what is signed here.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from shared.contract.webhook_secret import SECRET_PREFIX

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
TOLERANCE_SECONDS = 300  # what the specification's libraries allow between two clocks
_VERSION = "v1"


def signature_headers(
    webhook_id: str, timestamp_seconds: int, body: bytes, secrets: Sequence[str]
) -> dict[str, str]:
    """The three headers of one attempt. One signature per secret, so that secrets can be rotated."""
    signatures = [_signature(webhook_id, str(timestamp_seconds), body, secret) for secret in secrets]
    return {
        ID_HEADER: webhook_id,
        TIMESTAMP_HEADER: str(timestamp_seconds),
        SIGNATURE_HEADER: " ".join(f"{_VERSION},{base64.b64encode(one).decode()}" for one in signatures),
    }


def verification_problem(
    headers: Mapping[str, str], body: bytes, secret: str, now_seconds: float
) -> str | None:
    """Why a receiver should refuse this delivery, or None when it is genuine and fresh.

    Header names must be in lower case.
    """
    webhook_id = headers.get(ID_HEADER)
    timestamp = headers.get(TIMESTAMP_HEADER)
    claimed = headers.get(SIGNATURE_HEADER)
    if not webhook_id or not timestamp or not claimed:
        return "a webhook header is missing"
    if not (timestamp.isascii() and timestamp.isdigit()):
        return "the timestamp is no whole number"
    if abs(now_seconds - float(timestamp)) > TOLERANCE_SECONDS:
        return "the timestamp is too far from this clock"
    expected = _signature(webhook_id, timestamp, body, secret)
    if not any(hmac.compare_digest(expected, one) for one in _claimed_signatures(claimed)):
        return "no signature matches"
    return None


def _signature(webhook_id: str, timestamp: str, body: bytes, secret: str) -> bytes:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return hmac.digest(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256)


def _claimed_signatures(header: str) -> list[bytes]:
    claims = [claim.partition(",") for claim in header.split(" ")]
    return [_decoded(encoded) for version, _, encoded in claims if version == _VERSION]


def _decoded(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):  # ValueError: not even ASCII
        return b""
