"""A call that came to the wrong service hears whose it is; one that came to the right service never does."""

import pytest

from shared.web.other_service import belongs_to_ingest, belongs_to_status

OF_INGEST = [
    ("POST", "/v1/requests"),
    ("POST", "/upload"),
    ("POST", "/api/upload/"),
    ("POST", "/v1/validate"),
    ("GET", "/v1/template.csv"),
    ("HEAD", "/v1/template.csv"),
    ("GET", "/v1/webhooks/secret"),
]
OF_STATUS = [
    ("GET", "/v1/requests"),
    ("GET", "/v1/requests/0193"),
    ("POST", "/v1/requests/0193/cancel"),
    ("DELETE", "/v1/requests/0193"),
    ("GET", "/v1/files/0193/original/0-a.jpg"),
    ("GET", "/status/0193"),
    ("GET", "/api/download/0193"),
]
OF_NOBODY = [("GET", "/"), ("GET", "/upload"), ("PUT", "/v1/requests"), ("BREW", "/tea")]


@pytest.mark.parametrize(("method", "path"), OF_INGEST)
def test_what_is_for_ingest_is_said_by_status_alone(method: str, path: str) -> None:
    assert "ingest service" in (belongs_to_ingest(method, path) or "")
    assert belongs_to_status(method, path) is None


@pytest.mark.parametrize(("method", "path"), OF_STATUS)
def test_what_is_for_status_is_said_by_ingest_alone(method: str, path: str) -> None:
    assert "status service" in (belongs_to_status(method, path) or "")
    assert belongs_to_ingest(method, path) is None


@pytest.mark.parametrize(("method", "path"), OF_NOBODY)
def test_what_nobody_serves_is_nobodys(method: str, path: str) -> None:
    assert belongs_to_ingest(method, path) is None
    assert belongs_to_status(method, path) is None
