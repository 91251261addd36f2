"""What of our environment reaches a processor: how much it does at once, where a person says so."""

import pytest

from deploy.local.environment import processor_environment


def test_a_processor_is_told_only_what_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONCURRENCY", "REQUESTS_PER_HOST", "DECODERS"):
        monkeypatch.delenv(name, raising=False)
    assert processor_environment() == {}
    monkeypatch.setenv("REQUESTS_PER_HOST", "128")
    monkeypatch.setenv("CONCURRENCY", "")
    assert processor_environment() == {"REQUESTS_PER_HOST": "128"}
