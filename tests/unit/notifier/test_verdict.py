"""What a receiver's answer, or its silence, means for the delivery."""

from datetime import UTC, datetime

import pytest

from services.notifier.verdict import answered, is_healthy, silent
from shared.contract.events import DeliveryOutcome
from shared.outbound.certificates import CertificateFault
from shared.outbound.client import NetCode

NOW = datetime(2026, 11, 21, tzinfo=UTC)
DELIVERED, FAILED, GONE = DeliveryOutcome.DELIVERED, DeliveryOutcome.FAILED, DeliveryOutcome.GONE


@pytest.mark.parametrize(
    ("status", "outcome", "error", "healthy"),
    [
        (200, DELIVERED, None, True),
        (204, DELIVERED, None, True),
        (299, DELIVERED, None, True),
        (199, FAILED, "http_199", True),
        (300, FAILED, "http_300: redirects", True),
        (302, FAILED, "http_302: redirects", True),
        (399, FAILED, "http_399: redirects", True),
        (400, FAILED, "http_400", True),
        (404, FAILED, "http_404", True),
        (410, GONE, "http_410", True),
        (429, FAILED, "http_429", False),
        (500, FAILED, "http_500", False),
        (503, FAILED, "http_503", False),
        (599, FAILED, "http_599", False),
    ],
)
def test_a_status_decides_the_delivery(
    status: int, outcome: DeliveryOutcome, error: str | None, *, healthy: bool
) -> None:
    """R17."""
    attempt = answered(status, None, NOW)
    assert (attempt.outcome, attempt.status_code) == (outcome, status)
    assert (attempt.error or "").startswith(error or "")
    assert (attempt.error is None) == (error is None)
    assert is_healthy(attempt) == healthy


@pytest.mark.parametrize(
    ("status", "wait"), [(429, 30.0), (503, 30.0), (500, None), (404, None), (200, None)]
)
def test_retry_after_is_obeyed_for_429_and_503_only(status: int, wait: float | None) -> None:
    """R17."""
    assert answered(status, "30", NOW).retry_after_seconds == wait


@pytest.mark.parametrize("code", list(NetCode))
def test_silence_is_a_failure_with_a_code_and_a_sentence(code: NetCode) -> None:
    attempt = silent(code)
    assert attempt.outcome is FAILED
    assert attempt.error is not None
    assert attempt.error.startswith(f"{code.value}: the host")
    assert not is_healthy(attempt)


def test_a_certificate_is_told_by_what_is_wrong_with_it() -> None:
    attempt = silent(NetCode.TLS_FAILED, CertificateFault.EXPIRED)
    assert attempt.error == "tls_failed: the host's certificate has expired"
