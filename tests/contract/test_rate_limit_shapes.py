"""How a tenant is told of its limits, and held to them, on the routes of ingest and of status."""

import asyncio
import dataclasses
import functools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.status.api.app import make_app
from shared.observing.health import Health
from shared.observing.metrics import RATE_LIMITED
from shared.testing.fakes import FakeClock
from shared.web.api_keys import ApiKey, append_key, key_hash
from shared.web.auth import KeyFile
from shared.web.quotas import Quota, RateLimits
from shared.web.rate_limiting import RateLimited, RateLimiter
from tests.worlds.postgres.databases import new_database
from tests.worlds.services.ingest_world import CSV, Ingest, open_ingest
from tests.worlds.services.status_world import open_world

HEADER = b"S. No.,Product Name,Input Image Urls\n"
FORM = {"Content-Type": "multipart/form-data; boundary=x"}
FORM_BEGINS = b'--x\r\nContent-Disposition: form-data; name="file"; filename="p.csv"\r\n\r\n'
FORM_ENDS = b"\r\n--x--\r\n"


def rows(count: int) -> bytes:
    return HEADER + b"1,a,https://a.example/1\n" * count


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def ingest(clock: FakeClock, tmp_path: Path) -> AsyncIterator[Ingest]:
    """Two tenants, shop and other, whose keys are their names."""
    for tenant in ("shop", "other"):
        append_key(tmp_path / "keys", ApiKey(sha256=key_hash(tenant), tenant=tenant))
    quotas = [Quota("requests", 6), Quota("rows", 20), Quota("bytes", 6_000)]
    limiter = RateLimiter(RateLimits(quotas), clock)
    async with open_ingest(limiter, KeyFile(tmp_path / "keys")) as ingest:
        ingest.http.headers["X-API-Key"] = "shop"
        yield ingest


async def test_every_answer_to_a_tenant_tells_its_limits_and_what_is_left(ingest: Ingest) -> None:
    """R20"""
    answer = await ingest.post(csv=rows(5))
    size = int(answer.request.headers["content-length"])
    assert answer.status_code == 202
    assert answer.headers["ratelimit-policy"] == '"requests";q=6;w=60, "rows";q=20;w=60, "bytes";q=6000;w=60'
    left = f'"requests";r=5;t=10, "rows";r=15;t=15, "bytes";r={6000 - size};t={-(-size // 100)}'
    assert answer.headers["ratelimit"] == left
    assert "ratelimit" in (await ingest.post(csv=b"")).headers
    assert "ratelimit" not in (await ingest.http.get("/v1/template.csv")).headers


def refusals(quota: str) -> float:
    value: float = RATE_LIMITED.labels(quota)._value.get()
    return value


async def test_too_many_requests_are_a_429_that_says_when_to_come_again(
    ingest: Ingest, clock: FakeClock
) -> None:
    """R20"""
    before = refusals("requests")
    for _ in range(6):
        assert (await ingest.http.get("/v1/webhooks/secret")).status_code == 200
    answer = await ingest.post()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/problems/rate-limited",
        "title": "Too Many Requests",
        "status": 429,
        "detail": "The limit of 6 requests a minute is reached; come again in 10 s.",
        "error": "The limit of 6 requests a minute is reached; come again in 10 s.",
        "limit": "requests a minute",
        "maximum": 6,
        "x_request_id": answer.headers["x-request-id"],
    }
    assert refusals("requests") == before + 1
    clock.now += 10
    assert (await ingest.post()).status_code == 202


async def test_too_many_rows_are_a_429_before_anything_is_stored(ingest: Ingest, clock: FakeClock) -> None:
    """R20"""
    assert (await ingest.post(csv=rows(15))).status_code == 202
    known = dict(ingest.store.objects)
    answer = await ingest.post("/v1/validate", rows(14) + b"x,,\n")
    assert (answer.status_code, answer.json()["limit"]) == (429, "rows a minute")
    assert (await ingest.post(csv=rows(6))).status_code == 429
    assert (await ingest.post(csv=rows(5))).status_code == 202
    assert len(ingest.producer.published) == 2
    assert len(ingest.store.objects) == 2 * len(known)


@pytest.mark.parametrize("sent_as", ["a whole", "chunks"])
async def test_too_many_bytes_are_a_429(ingest: Ingest, sent_as: str) -> None:
    """R20"""
    padding = b"," + b"x" * 4_000
    csv = HEADER.replace(b"\n", b",Note\n") + CSV.splitlines()[2] + padding + b"\n"
    form = FORM_BEGINS + csv + FORM_ENDS

    async def pieces() -> AsyncIterator[bytes]:
        yield form

    answers = [
        await ingest.http.post("/upload", content=form if sent_as == "a whole" else pieces(), headers=FORM)
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 429]
    assert answers[1].json()["limit"] == "bytes a minute"


async def test_one_tenants_limit_never_touches_another(ingest: Ingest) -> None:
    """R20"""
    for _ in range(7):
        last = await ingest.post(csv=rows(1))
    assert last.status_code == 429
    assert (await ingest.post(csv=rows(20), headers={"X-API-Key": "other"})).status_code == 202


async def test_one_tenants_slow_uploads_leave_room_for_another(ingest: Ingest) -> None:
    """R20"""
    go_on = asyncio.Event()
    begun = asyncio.Semaphore(0)

    async def slowly() -> AsyncIterator[bytes]:
        yield FORM_BEGINS
        begun.release()
        await go_on.wait()
        yield CSV + FORM_ENDS

    post = functools.partial(ingest.http.post, "/upload", headers=FORM)
    slow = [asyncio.create_task(post(content=slowly())) for _ in range(4)]  # half of the places
    for _ in slow:
        await begun.acquire()
    answer = await ingest.post()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"].endswith("/too-many-uploads")
    assert answer.json()["error"] == (
        "4 uploads of yours are under way, as many as there are places left for others; wait for one to end."
    )
    assert (await ingest.post(headers={"X-API-Key": "other"})).status_code == 202
    go_on.set()
    assert [(await each).status_code for each in slow] == [200] * 4


async def test_who_has_no_key_uses_up_nobodys_limit(ingest: Ingest) -> None:
    """R20"""
    for _ in range(20):
        answer = await ingest.post(headers={"X-API-Key": "guessed"})
        assert (answer.status_code, "ratelimit" in answer.headers) == (401, False)
    assert (await ingest.post()).status_code == 202


async def test_status_holds_its_callers_to_their_requests_in_the_same_words(
    postgres: str, clock: FakeClock
) -> None:
    """R20"""
    async with open_world(new_database(postgres)) as world:
        limiter = RateLimiter(RateLimits([Quota("requests", 2)]), clock)
        limited = RateLimited(world.deps.authenticator, limiter)
        world.app = make_app(dataclasses.replace(world.deps, authenticator=limited), Health())
        answers = [await world.get("/v1/requests") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert [answer.headers["ratelimit"] for answer in answers[:2]] == [
            '"requests";r=1;t=30',
            '"requests";r=0;t=60',
        ]
        assert (answers[2].headers["retry-after"], answers[2].json()["maximum"]) == ("30", 2)
        assert (await world.get("/v1/requests", tenant="other")).status_code == 200
