"""An upload that cannot be taken now is told when to come again."""

import pytest

from shared.consuming.broker import TooLarge
from shared.contract.full_tenants import FullTenants
from shared.contract.keys import FULL_TENANTS_KEY
from shared.outcomes import Away
from tests.contract.uploads.conftest import UPLOAD_PATHS
from tests.worlds.services.ingest_world import REQUEST_ID, Ingest


@pytest.mark.parametrize("part", ["store", "producer"])
@pytest.mark.parametrize("path", UPLOAD_PATHS)
async def test_a_dependency_that_is_away_is_a_503_without_an_id(ingest: Ingest, path: str, part: str) -> None:
    getattr(ingest, part).away = True
    answer = await ingest.post(path)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert REQUEST_ID not in answer.text
    assert "Idempotency-Key" in answer.json()["error"]


@pytest.mark.parametrize("calls", [[{}], [{"Idempotency-Key": "one"}] * 2], ids=["plain", "repeated"])
async def test_a_broker_that_is_away_is_tried_once_a_call(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch, calls: list[dict[str, str]]
) -> None:
    """Each try takes its eight seconds of a frozen one, and somebody waits for them."""
    tried: list[object] = []

    async def publish(messages: object) -> None:
        tried.append(messages)
        raise Away("broker", "no acknowledgement")

    monkeypatch.setattr(ingest.producer, "publish", publish)
    answers = [await ingest.post(headers=headers) for headers in calls]
    assert {answer.status_code for answer in answers} == {503}
    assert len(tried) == len(calls)


async def test_what_the_broker_will_never_take_is_a_413_and_no_503_to_be_repeated(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def publish(_: object) -> None:
        raise TooLarge("4.4 MB")

    monkeypatch.setattr(ingest.producer, "publish", publish)
    answer = await ingest.post()
    assert answer.status_code == 413
    assert answer.json()["limit"] == "header and options"


async def test_too_many_waiting_requests_are_a_503_that_says_when_to_come_again(ingest: Ingest) -> None:
    """R18, R21"""
    ingest.lag.waiting = 100
    await ingest.queue.look()
    answer = await ingest.post()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/queue-full",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "Too many accepted requests wait to be started; nothing was accepted. Try again later.",
        "error": "Too many accepted requests wait to be started; nothing was accepted. Try again later.",
        "x_request_id": answer.headers["x-request-id"],
    }
    assert (ingest.store.objects, ingest.producer.published) == ({}, [])
    assert (await ingest.post("/v1/validate")).status_code == 200
    ingest.lag.waiting = 99
    await ingest.queue.look()
    assert (await ingest.post()).status_code == 202


async def test_a_tenant_that_has_its_share_of_the_backlog_is_told_when_to_come_again(ingest: Ingest) -> None:
    """R29: and nobody else is refused."""
    ingest.store.objects[FULL_TENANTS_KEY] = FullTenants(tenants=("local",)).to_json()
    await ingest.shares.look()
    answer = await ingest.post()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    error = (
        "As many images of yours are open as one may have; nothing was accepted."
        " Try again when some of them are done."
    )
    assert answer.json() == {
        "type": "/problems/too-many-images",
        "title": "Too Many Requests",
        "status": 429,
        "detail": error,
        "error": error,
        "x_request_id": answer.headers["x-request-id"],
    }
    assert ingest.producer.published == []
    assert (await ingest.post("/v1/validate")).status_code == 200
    ingest.store.objects[FULL_TENANTS_KEY] = FullTenants(tenants=("another",)).to_json()
    await ingest.shares.look()
    assert (await ingest.post()).status_code == 202
