"""The status API on a real Postgres: what its owner sees, and what nobody else does."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpx
import pytest

from services.status.api import v1
from services.status.reading.reader import PAGE_IMAGES
from shared.contract.picture_formats import PictureFormat
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.status_world import CREATED, EXPIRES, StatusWorld, calling, new_id, served

FOR_EVER_SECONDS = 10 * DEADLINE_SECONDS


@pytest.fixture(autouse=True)
def a_long_poll_may_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that nothing wakes hangs; half a minute might be a busy machine's."""
    monkeypatch.setattr(v1, "LONGEST_WAIT_SECONDS", FOR_EVER_SECONDS)


async def test_another_tenants_request_is_not_found_anywhere(world: StatusWorld) -> None:
    """R20"""
    request_id = await world.add_request(
        state="completed", completed_at=CREATED, output_csv_path="requests/x/output-1.csv"
    )
    world.store.objects["requests/x/output-1.csv"] = b"a"
    base = f"/v1/requests/{request_id}"
    paths = [base, f"{base}/images", f"{base}/deliveries", f"{base}/events", f"{base}/output.csv"]
    paths += [f"{way}/{request_id}" for way in ("/status", "/api/status", "/download", "/api/download")]
    for path in paths:
        assert (await world.get(path)).status_code == 200, path
        assert (await world.get(path, tenant="stranger")).status_code == 404, path


async def test_lists_and_the_feed_hold_only_the_callers_own(world: StatusWorld) -> None:
    """R20"""
    request_id = await world.add_request(state="completed", completed_at=CREATED)
    await world.add_completion(request_id, {"run": 1})
    for path in ("/v1/requests", "/v1/events"):
        assert len((await world.get(path)).json()["items"]) == 1
        assert (await world.get(path, tenant="stranger")).json() == {"items": [], "next": None}


async def test_a_deleted_request_is_not_found_even_where_the_store_still_knows_it(world: StatusWorld) -> None:
    request_id = world.add_upload(datetime.now(UTC))
    await world.add_request(id=request_id, deleted_at=CREATED)
    assert (await world.get(f"/v1/requests/{request_id}")).status_code == 404


async def test_a_request_that_only_the_store_knows_reads_pending_in_every_spelling(
    world: StatusWorld,
) -> None:
    """R10"""
    request_id = world.add_upload(datetime.now(UTC))
    v1 = (await world.get(f"/v1/requests/{request_id}")).json()
    assert (v1["state"], v1["progress"], v1["counts"]["images"]) == ("pending", 0.0, 5)
    assert v1["webhook"]["state"] == "waiting"
    snake = (await world.get(f"/status/{request_id}/")).json()
    assert (snake["status"], snake["images"], snake["products"]) == ("processing", [], [])
    camel = (await world.get(f"/api/status/{request_id}")).json()
    assert (camel["status"], camel["products"]) == ("pending", [])
    assert (await world.get(f"/v1/requests/{request_id}/images")).json()["items"] == []
    assert (await world.get(f"/download/{request_id}")).status_code == 404
    assert (await world.get(f"/v1/requests/{request_id}", tenant="stranger")).status_code == 404


async def test_an_old_id_is_not_looked_for_in_the_store(world: StatusWorld) -> None:
    request_id = world.add_upload(datetime.now(UTC) - timedelta(hours=2))
    assert (await world.get(f"/v1/requests/{request_id}")).status_code == 404


async def test_a_young_unknown_id_is_unavailable_while_the_store_is_away(world: StatusWorld) -> None:
    world.store.away = True
    answer = await world.get(f"/v1/requests/{new_id(datetime.now(UTC))}")
    assert answer.status_code == 503
    assert "retry-after" in answer.headers


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


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "٣", "0193aaaa-0000-7000-8000-000000000000"])
async def test_a_feed_cursor_that_nobody_gave_is_a_problem(world: StatusWorld, after: str) -> None:
    assert (await world.get(f"/v1/events?after={after}")).status_code == 400


async def _with_images(world: StatusWorld, states: list[str]) -> UUID:
    request_id = await world.add_request(state="processing", products=1, images=len(states))
    await world.add_product(request_id, 0, len(states), 0)
    for ordinal, state in enumerate(states):
        await world.add_image(request_id, ordinal, 0, state)
    return request_id


async def test_images_are_paged_and_chosen_by_state(world: StatusWorld) -> None:
    """R19"""
    request_id = await _with_images(world, ["done", "failed", "requested", "failed", "planned"])
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


async def test_the_entity_tag_answers_304_until_something_happens(world: StatusWorld) -> None:
    request_id = await _with_images(world, ["done", "planned", "planned"])
    await world.update(request_id, "done = 1, run_started_at = now() - interval '1 minute'")
    path = f"/v1/requests/{request_id}"
    tag = (await world.get(path)).headers["etag"]
    # The estimate of the remaining time moves; nothing else does.
    await world.update(request_id, "run_started_at = now() - interval '2 minutes'")
    known = await world.get(path, headers={"If-None-Match": tag})
    assert (known.status_code, known.content) == (304, b"")
    await world.update(request_id, "done = 2")
    assert (await world.get(path, headers={"If-None-Match": tag})).status_code == 200


READ_PATHS = ["/v1/requests", "/v1/events", "/status/{}", "/api/status/{}/"]
READ_PATHS += [f"/v1/requests/{{}}{part}" for part in ("", "/images", "/deliveries", "/events")]


@pytest.mark.parametrize("path", READ_PATHS)
async def test_whatever_can_be_read_answers_head_with_the_same_head(world: StatusWorld, path: str) -> None:
    request_id = await world.add_request(state="completed", completed_at=CREATED)
    headers = {"X-API-Key": world.tenant}
    async with served(world.app) as address, calling(address, headers) as client:
        whole = await client.get(path.format(request_id))
        head = await client.head(path.format(request_id))
        unknown = await client.head(path.format(new_id()))
    assert (head.status_code, head.content) == (200, b"")
    for name in ("content-type", "content-length", "etag", "cache-control"):
        assert head.headers.get(name) == whole.headers.get(name)
    assert unknown.status_code == (404 if "{}" in path else 200)


@pytest.mark.parametrize("path", READ_PATHS[:-1])
async def test_nothing_that_is_known_is_sent_again(world: StatusWorld, path: str) -> None:
    """R05"""
    request_id = await world.add_request(state="completed", completed_at=CREATED)
    await world.add_completion(request_id, {"run": 1})
    tag = (await world.get(path.format(request_id))).headers["etag"]
    known = await world.get(path.format(request_id), headers={"If-None-Match": tag})
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", tag)


@pytest.mark.parametrize("path", ["/status/{}", "/api/status/{}/"])
async def test_a_spelling_renders_its_arrays_once_for_each_version_of_the_images(
    world: StatusWorld, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R05"""
    request_id = await _with_images(world, ["done", "planned"])
    await world.update(request_id, "planned_images = 2, next_ordinal = 1, done = 1")
    first = await world.get(path.format(request_id))
    with monkeypatch.context() as patch:
        patch.setattr(world.deps.reader, "image_pages", None)  # neither asked for nor rendered again
        await world.add_delivery(request_id)
        await world.update(request_id, "webhook_url = 'https://shop.example/hook'")
        again = await world.get(path.format(request_id))
        known = await world.get(path.format(request_id), headers={"If-None-Match": again.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    assert again.json() == first.json() | {"webhook": again.json()["webhook"]}
    assert again.json()["webhook"]["url"] == "https://shop.example/hook"
    await world.pool.execute(
        "UPDATE images SET state = 'requested', attempt = 1 WHERE request_id = $1 AND ordinal = 1", request_id
    )
    await world.update(request_id, "next_ordinal = 2")
    tag = {"If-None-Match": again.headers["etag"]}
    assert (await world.get(path.format(request_id), headers=tag)).status_code == 200


async def test_a_spelling_shows_what_was_written_just_before(world: StatusWorld) -> None:
    request_id = await _with_images(world, ["planned", "planned", "planned"])
    await world.update(request_id, "planned_images = 3")
    for ordinal in range(3):
        await world.pool.execute(
            "UPDATE images SET state = 'done', output_url = 'https://o/' || ordinal"
            " WHERE request_id = $1 AND ordinal = $2",
            request_id,
            ordinal,
        )
        await world.update(request_id, "done = done + 1")
        (product,) = (await world.get(f"/api/status/{request_id}")).json()["products"]
        shown = [f"https://o/{n}" if n <= ordinal else None for n in range(3)]
        assert product["outputImageUrls"] == shown


async def test_a_long_poll_returns_when_the_request_ends(world: StatusWorld) -> None:
    request_id = await _with_images(world, ["planned", "planned"])
    polling = asyncio.create_task(world.get(f"/v1/requests/{request_id}?wait={FOR_EVER_SECONDS}"))
    await _until_watched(world, request_id)
    await world.update(request_id, "done = 1")
    await world.update(request_id, "state = 'completed', done = 2, completed_at = now()")
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert (await polling).json()["state"] == "completed"


async def test_a_long_poll_of_one_who_knows_returns_at_anything_new(world: StatusWorld) -> None:
    request_id = await _with_images(world, ["planned", "planned"])
    path = f"/v1/requests/{request_id}"
    tag = (await world.get(path)).headers["etag"]
    polling = asyncio.create_task(
        world.get(f"{path}?wait={FOR_EVER_SECONDS}", headers={"If-None-Match": tag})
    )
    await _until_watched(world, request_id)
    await world.update(request_id, "done = 1")
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert (await polling).json()["progress"] == 50.0


async def test_a_long_poll_without_news_ends_in_time(world: StatusWorld) -> None:
    request_id = await _with_images(world, ["planned"])
    began = time.monotonic()
    async with asyncio.timeout(DEADLINE_SECONDS):
        answer = await world.get(f"/v1/requests/{request_id}?wait=0.3")
    assert answer.json()["state"] == "processing"
    assert time.monotonic() - began >= 0.3


async def test_no_long_poll_lasts_for_longer_than_the_longest(
    world: StatusWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(v1, "LONGEST_WAIT_SECONDS", 0.1)
    request_id = await _with_images(world, ["planned"])
    async with asyncio.timeout(DEADLINE_SECONDS):
        answer = await world.get(f"/v1/requests/{request_id}?wait={FOR_EVER_SECONDS}")
    assert answer.json()["state"] == "processing"


async def test_a_long_poll_whose_time_is_over_tells_what_came_meanwhile(world: StatusWorld) -> None:
    request_id = await _with_images(world, ["planned", "planned"])
    seen = replace(await world.deps.lookup.find(world.tenant, str(request_id)), done=1)
    with world.deps.watchers.watch(await world.deps.presenter.snapshot(seen)):
        answer = await world.get(f"/v1/requests/{request_id}?wait=0.01")
    assert answer.json()["progress"] == 50.0


@pytest.mark.parametrize("wait", ["-1", "nan", "inf", "soon"])
async def test_a_wait_that_is_no_time_is_a_problem(world: StatusWorld, wait: str) -> None:
    request_id = await _with_images(world, ["planned"])
    assert (await world.get(f"/v1/requests/{request_id}?wait={wait}")).status_code == 400


async def _until_watched(world: StatusWorld, request_id: UUID, listeners: int = 1) -> None:
    watches = world.deps.watchers._watches
    async with asyncio.timeout(DEADLINE_SECONDS):
        while request_id not in watches or watches[request_id].listeners < listeners:
            await asyncio.sleep(0.01)


async def test_the_event_stream_tells_progress_and_ends_with_the_completion(world: StatusWorld) -> None:
    request_id = await _with_images(world, ["planned", "planned"])
    async with served(world.app) as address, calling(address) as client:
        streaming = asyncio.create_task(
            client.get(f"/v1/requests/{request_id}/events", headers={"X-API-Key": world.tenant})
        )
        await _until_watched(world, request_id)
        await world.update(request_id, "done = 1")
        async with asyncio.timeout(DEADLINE_SECONDS):
            while world.deps.watchers._watches[request_id].latest.record.done != 1:
                await asyncio.sleep(0.01)
        event_id = await world.add_completion(request_id, {"type": "request.completed"})
        await world.update(request_id, "state = 'completed', done = 2, completed_at = now()")
        async with asyncio.timeout(DEADLINE_SECONDS):
            answer = await streaming
    assert answer.headers["content-type"].startswith("text/event-stream")
    frames = answer.text.removesuffix("\n\n").split("\n\n")
    assert [frame.splitlines()[0] for frame in frames] == [
        *["event: progress"] * 3,
        "event: request.completed",
    ]
    assert '"progress":50.0' in frames[1]
    assert frames[-1] == (f'event: request.completed\nid: {event_id}\ndata: {{"type":"request.completed"}}')
    assert world.deps.watchers._watches == {}


async def test_an_event_stream_that_is_resumed_begins_with_a_snapshot(world: StatusWorld) -> None:
    request_id = await world.add_request(state="completed", completed_at=CREATED)
    event_id = await world.add_completion(request_id, {"run": 1})
    for headers in ({}, {"Last-Event-ID": str(event_id)}):
        answer = await world.get(f"/v1/requests/{request_id}/events", headers=headers)
        assert answer.text.startswith("event: progress\ndata: {")
        assert answer.text.endswith(f'event: request.completed\nid: {event_id}\ndata: {{"run":1}}\n\n')


async def test_listeners_are_let_go_when_the_request_is_deleted(world: StatusWorld) -> None:
    request_id = await _with_images(world, ["planned"])
    async with served(world.app) as address, calling(address) as client:
        headers = {"X-API-Key": world.tenant}
        streaming = asyncio.create_task(client.get(f"/v1/requests/{request_id}/events", headers=headers))
        polling = asyncio.create_task(
            client.get(f"/v1/requests/{request_id}?wait={FOR_EVER_SECONDS}", headers=headers)
        )
        await _until_watched(world, request_id, listeners=2)
        await world.update(request_id, "deleted_at = now()")
        async with asyncio.timeout(DEADLINE_SECONDS):
            assert (await polling).status_code == 404
            assert (await streaming).text.count("event:") == 1


async def test_snake_and_camel_stream_a_large_request_whole(world: StatusWorld) -> None:
    """R11"""
    images = 2 * PAGE_IMAGES + 100  # products of 3 images, so that pages cut through products
    request_id = await world.add_request(state="processing", products=(images + 2) // 3, images=images)
    await world.pool.execute(
        "INSERT INTO products (request_id, number, id, row_number, serial_number, name, cells, first_ordinal,"
        " images) SELECT $1, n, gen_random_uuid(), n + 2, n::text, 'p', '[]', n * 3, 3"
        " FROM generate_series(0, $2) n",
        request_id,
        images // 3,
    )
    await world.pool.execute(
        "INSERT INTO images (request_id, ordinal, id, product_number, product_id, input_url)"
        " SELECT $1, n, gen_random_uuid(), n / 3, gen_random_uuid(), 'https://a/' || n"
        " FROM generate_series(0, $2 - 1) n",
        request_id,
        images,
    )
    head = await world.client().head(f"/status/{request_id}")
    assert (head.status_code, head.content) == (200, b"")
    snake = (await world.get(f"/status/{request_id}")).json()
    assert [image["input_url"] for image in snake["images"]] == [f"https://a/{n}" for n in range(images)]
    camel = (await world.get(f"/api/status/{request_id}")).json()
    for products, key in ((snake["products"], "input_image_urls"), (camel["products"], "inputImageUrls")):
        urls = [product[key] for product in products]
        assert [len(part) for part in urls[:-1]] == [3] * (len(urls) - 1)
        assert list(chain.from_iterable(urls)) == [f"https://a/{n}" for n in range(images)]


OUTPUT = "output/0-0123456789abcdef0123456789abcdef.jpg"
ORIGINAL = "original/0-0123456789abcdef0123456789abcdef.png"
SVG = "output/0-0123456789abcdef0123456789abcdef.svg"


async def test_an_output_is_served_to_anyone_who_knows_its_key(world: StatusWorld) -> None:
    """R07"""
    request_id = await world.add_request(expires_at=EXPIRES)
    key = f"requests/{request_id}/{OUTPUT}"
    world.store.objects[key] = b"\xff" * 100_000
    transport = httpx.ASGITransport(world.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside") as nobody:
        answer = await nobody.get(f"/v1/files/{key}")
        head = await nobody.head(f"/v1/files/{key}")
    assert (answer.status_code, answer.content) == (200, b"\xff" * 100_000)
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert (head.status_code, head.headers["content-length"], head.content) == (200, "100000", b"")


async def test_an_original_needs_its_tenants_key(world: StatusWorld) -> None:
    """R07 R20"""
    request_id = await world.add_request()
    key = f"requests/{request_id}/{ORIGINAL}"
    world.store.objects[key] = b"png"
    transport = httpx.ASGITransport(world.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside") as nobody:
        assert (await nobody.get(f"/v1/files/{key}")).status_code == 401
    assert (await world.get(f"/v1/files/{key}", tenant="stranger")).status_code == 404
    answer = await world.get(f"/v1/files/{key}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["cache-control"].startswith("private")


MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "tiff": "image/tiff",
    "avif": "image/avif",
}


async def test_every_format_that_is_stored_is_served_as_what_it_is(world: StatusWorld) -> None:
    """R07: a browser shows nothing of a file that is said to be some bytes."""
    request_id = await world.add_request()
    assert MEDIA_TYPES.keys() == {each.extension for each in PictureFormat}
    for extension, media_type in MEDIA_TYPES.items():
        key = f"requests/{request_id}/output/0-0123456789abcdef0123456789abcdef.{extension}"
        world.store.objects[key] = b"a picture"
        answer = await world.get(f"/v1/files/{key}")
        assert (answer.status_code, answer.headers["content-type"]) == (200, media_type)


@pytest.mark.parametrize("ended", ["deleted_at = now()", "expires_at = now() - interval '1 second'"])
async def test_files_of_a_deleted_or_expired_request_are_not_found(world: StatusWorld, ended: str) -> None:
    """R22"""
    request_id = await world.add_request()
    world.store.objects[f"requests/{request_id}/{OUTPUT}"] = b"jpg"
    await world.update(request_id, ended)
    assert (await world.get(f"/v1/files/requests/{request_id}/{OUTPUT}")).status_code == 404


@pytest.mark.parametrize(
    "key",
    [
        "requests/{}/source.csv",
        "requests/{}/rows.ndjson",
        "requests/{}/request.json",
        "requests/{}/output-1.csv",
        "requests/{}/output/../source.csv",
        "requests/{}/output/..%2Fsource.csv",
        "requests/{}/output/0-0123456789abcdef0123456789abcdef.jpg%00",
        "requests/{}/output/0-0123456789abcdef0123456789abcdef.svg",
        "../requests/{}/output/0-0123456789abcdef0123456789abcdef.jpg",
        "%2E%2E/requests/{}/source.csv",
        "/requests/{}/output/0-0123456789abcdef0123456789abcdef.jpg",
        "idempotency/x/y.json",
        "",
    ],
)
async def test_no_other_key_is_ever_served(world: StatusWorld, key: str) -> None:
    """R20"""
    request_id = await world.add_request()
    for name in (
        "source.csv",
        "rows.ndjson",
        "request.json",
        "output-1.csv",
        OUTPUT,
        OUTPUT.replace("jpg", "svg"),
    ):
        world.store.objects[f"requests/{request_id}/{name}"] = b"secret"
    answer = await world.get(f"/v1/files/{key.format(request_id)}")
    assert answer.status_code == 404
    assert b"secret" not in answer.content


async def test_an_output_csv_keeps_the_name_it_was_uploaded_under(world: StatusWorld) -> None:
    request_id = await world.add_request(
        state="completed",
        completed_at=CREATED,
        filename='naïve\r\n"x".csv',
        output_csv_path="requests/x/output-1.csv",
    )
    world.store.objects["requests/x/output-1.csv"] = b""
    answer = await world.get(f"/download/{request_id}")
    assert answer.status_code == 200
    name = answer.headers["content-disposition"]
    assert name == (
        "attachment; filename=\"output-na_ve___x_.csv\"; filename*=UTF-8''output-na%C3%AFve__%22x%22.csv"
    )


async def test_the_feed_no_longer_tells_of_a_deleted_request_and_goes_on_behind_it(
    world: StatusWorld,
) -> None:
    """R22: deleted is deleted for everyone; a reader who stood at its event misses nothing after it."""
    requests = [await world.add_request(state="completed", completed_at=CREATED) for _ in range(3)]
    events = [str(await world.add_completion(each, {"run": 1})) for each in requests]
    await world.update(requests[1], "deleted_at = now()")
    assert [item["id"] for item in (await world.get("/v1/events")).json()["items"]] == [events[0], events[2]]
    behind = (await world.get(f"/v1/events?after={events[1]}")).json()["items"]
    assert [item["id"] for item in behind] == [events[2]]
