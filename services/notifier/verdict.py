"""What a receiver's answer, or its silence, means for the delivery (pure). The texts name no URL."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from services.notifier.deliveries import Attempt
from shared.contract.events import DeliveryOutcome
from shared.outbound.certificates import CertificateFault
from shared.outbound.client import NetCode
from shared.outbound.retry_after import retry_after_seconds

_OBEYED = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

_SILENCE: Mapping[NetCode, str] = {
    NetCode.BLOCKED_ADDRESS: "the host name leads to an address that may not be called",
    NetCode.DNS_FAILED: "the host name could not be resolved",
    NetCode.CONNECT_FAILED: "the host did not accept a connection",
    NetCode.TLS_FAILED: "the host's certificate or TLS set-up is not valid",
    NetCode.CONNECTION_LOST: "the host broke off or garbled its answer",
    NetCode.TIMED_OUT: "the host did not answer in time",
}


def answered(status: int, retry_after: str | None, now: datetime) -> Attempt:
    """The verdict on an answer with this status."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return Attempt(outcome=DeliveryOutcome.DELIVERED, status_code=status)
    if status == HTTPStatus.GONE:
        return Attempt(
            outcome=DeliveryOutcome.GONE,
            error="http_410: the receiver wants no more deliveries",
            status_code=status,
        )
    return Attempt(
        outcome=DeliveryOutcome.FAILED,
        error=_failure(status),
        status_code=status,
        retry_after_seconds=retry_after_seconds(retry_after, now) if status in _OBEYED else None,
    )


def silent(code: NetCode, certificate: CertificateFault | None = None) -> Attempt:
    """The verdict when no answer came."""
    why = f"the host's certificate {certificate}" if certificate else _SILENCE[code]
    return Attempt(outcome=DeliveryOutcome.FAILED, error=f"{code}: {why}")


def is_healthy(attempt: Attempt) -> bool:
    """Whether the receiver is up, though it may have refused this delivery."""
    status = attempt.status_code
    return (
        status is not None
        and status < HTTPStatus.INTERNAL_SERVER_ERROR
        and status != HTTPStatus.TOO_MANY_REQUESTS
    )


def _failure(status: int) -> str:
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return f"http_{status}: redirects are not followed"
    return f"http_{status}: the receiver did not accept the delivery"
