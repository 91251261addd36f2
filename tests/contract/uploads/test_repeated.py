"""The same upload again, by its Idempotency-Key."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.contract.uploads.accepted_answer import SNAKE
from tests.worlds.services.ingest_world import CSV, REQUEST_ID, Ingest


@pytest.mark.parametrize("keys", [[""], ["k" * 256], ["k\x7f"], ["one", "two"]])
async def test_an_idempotency_key_that_cannot_be_meant_is_a_400(ingest: Ingest, keys: list[str]) -> None:
    """R15, R20"""
    headers = [("Idempotency-Key", key) for key in keys]
    answer = await ingest.http.post("/v1/requests", files={"file": ("p.csv", CSV)}, headers=headers)
    assert (answer.status_code, answer.json()["type"].rpartition("/")[2]) == (400, "invalid-idempotency-key")
    assert not ingest.accepted()


async def test_the_same_key_gives_the_same_answer_and_publishes_the_same_event_again(ingest: Ingest) -> None:
    key = {"Idempotency-Key": "one"}
    first = await ingest.post(headers=key, data={"webhook_url": "https://shop.example/hook"})
    second = await ingest.post(headers=key, data={"webhookUrl": "https://shop.example/hook"}, field="csvFile")
    assert first.json() == second.json() == SNAKE
    one, two = ingest.producer.published
    assert (one.value, one.headers, one.event.event_id()) == (two.value, two.headers, two.event.event_id())


@pytest.mark.parametrize(
    "change", [{"csv": CSV + b"3,SKU3,https://a.example/3\n"}, {"data": {"quality": "51"}}]
)
async def test_the_same_key_for_anything_else_is_a_422(ingest: Ingest, change: Mapping[str, Any]) -> None:
    key = {"Idempotency-Key": "one"}
    await ingest.post(headers=key)
    answer = await ingest.post(headers=key, **change)
    assert answer.status_code == 422
    assert len(ingest.producer.published) == 1


async def test_a_repeat_after_a_503_of_the_broker_gets_one_id_and_its_event(ingest: Ingest) -> None:
    key = {"Idempotency-Key": "one"}
    ingest.producer.away = True
    assert (await ingest.post(headers=key)).status_code == 503
    ingest.producer.away = False
    assert (await ingest.post(headers=key)).json() == SNAKE
    assert [str(event.request_id) for event in ingest.accepted()] == [REQUEST_ID]
