"""The list of a tenant's requests, what they store, and the images of one, on a real Postgres."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import pytest

from tests.worlds.services.status_world import CREATED, EXPIRES, StatusWorld


async def test_the_list_walks_all_requests_newest_first(world: StatusWorld) -> None:
    made = [
        await world.add_request(created_at=CREATED + timedelta(seconds=age // 2), state="processing")
        for age in range(5)
    ]
    done = await world.add_request(
        created_at=CREATED - timedelta(days=1), state="failed", completed_at=CREATED
    )
    seen: list[str] = []
    path = "/v1/requests?limit=2"
    while path:
        body = (await world.get(path)).json()
        seen += [item["request_id"] for item in body["items"]]
        path = body["next"] and f"/v1/requests?limit=2&cursor={body['next']}"
    assert len(seen) == 6
    assert set(seen) == {str(request_id) for request_id in (*made, done)}
    assert seen[0] == str(made[4])
    assert seen[-1] == str(done)
    failed = (await world.get("/v1/requests?state=failed")).json()["items"]
    assert [item["request_id"] for item in failed] == [str(done)]


async def test_requests_are_found_by_their_files_name_and_by_their_id(world: StatusWorld) -> None:
    names = ["Spring Catalogue.csv", "spring 50%.csv", "FRÜHLING.csv", "winter.csv"]
    made = {
        name: await world.add_request(filename=name, created_at=CREATED + timedelta(seconds=age))
        for age, name in enumerate(names)
    }

    async def found(search: str, more: str = "") -> list[str]:
        answer = await world.get(f"/v1/requests?search={quote(search)}{more}")
        return [item["filename"] for item in answer.json()["items"]]

    assert await found("SPRING") == ["spring 50%.csv", "Spring Catalogue.csv"]
    assert await found("frühling") == ["FRÜHLING.csv"]
    assert await found("50%") == ["spring 50%.csv"]
    assert await found("_") == await found("no such name") == []
    assert await found("csv", "&state=failed") == []
    winter = str(made["winter.csv"])
    assert await found(winter) == await found(winter[:30]) == ["winter.csv"]
    assert await found(winter, "&state=failed") == []
    stranger = await world.get(f"/v1/requests?search={winter}", tenant="stranger")
    assert stranger.json()["items"] == []


async def test_a_search_walks_all_requests_a_few_at_a_time(
    world: StatusWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page may hold nothing and yet have a next one."""
    monkeypatch.setattr("services.status.reading.reader.LOOKED_THROUGH_REQUESTS", 2)
    names = ["a.csv", "no", "no", "no", "a.csv", "a.csv", "a.csv"]
    for age, name in enumerate(names):
        state = {"state": "failed", "completed_at": CREATED} if age % 2 else {"state": "pending"}
        await world.add_request(filename=name, created_at=CREATED + timedelta(seconds=age), **state)
    pages: list[int] = []
    path = "/v1/requests?search=a.csv&limit=1"
    while path:
        body = (await world.get(path)).json()
        pages.append(len(body["items"]))
        path = body["next"] and f"/v1/requests?search=a.csv&limit=1&cursor={body['next']}"
    assert (sum(pages), 0 in pages) == (4, True)


async def test_what_a_tenant_has_stored_is_told_with_the_day_on_which_it_goes(world: StatusWorld) -> None:
    ended = {"state": "completed", "completed_at": CREATED, "images": 3, "done": 2}
    for day in (20, 21, 21):
        expires = datetime(2026, 12, day, 23, 30, tzinfo=UTC)
        await world.add_request(**ended, expires_at=expires, bytes_in=100, bytes_out=40)
    await world.add_request(images=5)
    await world.add_request(**ended, deleted_at=CREATED, bytes_in=7)
    each = {"requests": 1, "images": 3, "done": 2, "bytes_in": 100, "bytes_out": 40}
    assert (await world.get("/v1/usage")).json() == {
        "requests": 4,
        "images": 14,
        "done": 6,
        "bytes_in": 300,
        "bytes_out": 120,
        "states": {"pending": 1, "processing": 0, "completed": 3, "failed": 0, "cancelled": 0},
        "expiring": [
            {"on": "2026-12-20", **each},
            {"on": "2026-12-21", **{name: 2 * value for name, value in each.items()}},
        ],
        "whole": True,
    }
    assert (await world.get("/v1/usage", tenant="stranger")).json()["requests"] == 0


async def test_of_too_many_requests_the_newest_are_summed_and_it_is_said(
    world: StatusWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("reading.reader", "api.v1"):
        monkeypatch.setattr(f"services.status.{module}.COUNTED_REQUESTS", 2)
    for _ in range(3):
        await world.add_request(images=1)
    usage = (await world.get("/v1/usage")).json()
    assert (usage["requests"], usage["whole"]) == (2, False)


@pytest.mark.parametrize(
    "query",
    [
        "search=",
        "search=%00",
        f"search={'x' * 201}",
        "cursor=x",
        "cursor=%00",
        "limit=0",
        "limit=x",
        "state=odd",
        "limit=1000000",
    ],
)
async def test_a_list_asked_for_wrongly_is_a_problem(world: StatusWorld, query: str) -> None:
    answer = await world.get(f"/v1/requests?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["error"]
    assert "pattern" not in answer.json()["error"]  # which says nothing to most people


async def test_images_are_paged_and_chosen_by_state(world: StatusWorld) -> None:
    """R19"""
    request_id = await world.add_with_images(["done", "failed", "requested", "failed", "planned"])
    base = f"/v1/requests/{request_id}/images"
    first = (await world.get(f"{base}?limit=3")).json()
    rest = (await world.get(f"{base}?limit=3&cursor={first['next']}")).json()
    assert [item["ordinal"] for item in first["items"] + rest["items"]] == [0, 1, 2, 3, 4]
    assert rest["next"] is None
    failed = (await world.get(f"{base}?state=failed")).json()["items"]
    assert [(item["ordinal"], item["code"]) for item in failed] == [(1, "http_404"), (3, "http_404")]
    assert failed[0]["hint"] == "The host answered with HTTP status 404."
    page = await world.get(urlsplit(failed[0]["help_url"]).path)
    assert "<h1>http_404</h1>" in page.text
    assert first["items"][0]["help_url"] is None


async def test_an_image_that_waits_tells_what_failed_and_when_it_is_asked_for_again(
    world: StatusWorld,
) -> None:
    """R18 R19"""
    request_id = await world.add_request(state="processing", products=1, images=2, planned_images=2)
    await world.add_product(request_id, 0, 2, 0)
    waiting = {"attempt": 1, "failures": 1, "code": "timed_out", "due_at": EXPIRES}
    await world.add_image(request_id, 0, 0, "planned", **waiting)
    await world.add_image(request_id, 1, 0, "planned")

    async def shown() -> list[tuple[str | None, str | None, str | None, int]]:
        pages = [
            await world.get(f"/v1/requests/{request_id}/images{query}") for query in ("", "?state=planned")
        ]
        whole, planned = (page.json()["items"] for page in pages)
        assert planned == [item for item in whole if item["state"] == "planned"]
        return [
            (item["code"], item["last_code"], item["next_attempt_at"], item["attempts"]) for item in whole
        ]

    assert await shown() == [(None, "timed_out", "2100-01-01T00:00:00.000Z", 1), (None, None, None, 0)]
    await world.update(request_id, "cancel_requested_at = now()")
    assert await shown() == [(None, None, None, 1), (None, None, None, 0)]
    await world.update(request_id, "cancel_requested_at = NULL, run = 2")  # it begins anew
    assert await shown() == [(None, None, None, 0), (None, None, None, 0)]
