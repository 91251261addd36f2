"""A bucket behind the store's setting, as far as it can be shown without one."""

import pytest

from shared.handling import Away
from shared.store import open_store

KEY = "requests/0193/original/0-abc.jpg"


async def test_a_bucket_that_does_not_answer_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setattr("shared.store.STORE_TIMEOUT_SECONDS", 0.5)
    store = open_store("s3://bucket/prefix")
    with pytest.raises(Away):
        await store.put(KEY, b"x")
