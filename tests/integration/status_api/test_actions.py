"""Cancel, retry, redeliver and delete through the API, on a real Postgres."""

from datetime import UTC, datetime

import httpx
import pytest

from tests.worlds.services.status_world import CREATED, StatusWorld, new_id

ACTIONS = [
    ("POST", "/cancel"),
    ("POST", "/retry"),
    ("POST", "/deliveries/redeliver"),
    ("DELETE", ""),
]


async def ask(
    world: StatusWorld, method: str, request_id: object, part: str, tenant: str | None = None
) -> httpx.Response:
    async with world.client(tenant) as client:
        # A body and a type that fit nothing: actions read neither.
        return await client.request(
            method,
            f"/v1/requests/{request_id}{part}",
            content=b"\x00{",
            headers={"Content-Type": "application/json"},
        )


@pytest.mark.parametrize(("method", "part"), ACTIONS)
async def test_nobody_changes_what_is_not_theirs(world: StatusWorld, method: str, part: str) -> None:
    """R20"""
    request_id = await world.add_request(state="processing")
    for unknown, tenant in ((request_id, "stranger"), (new_id(), None), ("no-uuid", None)):
        answer = await ask(world, method, unknown, part, tenant)
        assert (answer.status_code, answer.json()["error"]) == (404, "Request ID not found")
    assert (await world.get(f"/v1/requests/{request_id}")).json()["state"] == "processing"


@pytest.mark.parametrize(("method", "part"), ACTIONS)
async def test_what_only_the_store_knows_cannot_be_changed_yet(
    world: StatusWorld, method: str, part: str
) -> None:
    request_id = world.add_upload(datetime.now(UTC))
    answer = await ask(world, method, request_id, part)
    assert answer.status_code == 409
    assert answer.headers["retry-after"] == "1"


async def test_an_open_request_is_cancelled_and_an_ended_one_is_not(world: StatusWorld) -> None:
    open_request = await world.add_request(state="processing", images=1)
    answer = await ask(world, "POST", open_request, "/cancel")
    assert answer.status_code == 202
    assert (answer.json()["request_id"], answer.json()["state"]) == (str(open_request), "cancelling")
    assert await world.pool.fetchval(
        "SELECT cancel_requested_at IS NOT NULL FROM requests WHERE id = $1", open_request
    )
    cancelled = await world.add_request(state="cancelled", completed_at=CREATED)
    assert (await ask(world, "POST", cancelled, "/cancel")).status_code == 202
    ended = await world.add_request(state="completed", completed_at=CREATED)
    answer = await ask(world, "POST", ended, "/cancel")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"


async def test_retry_starts_the_next_run_of_what_failed(world: StatusWorld) -> None:
    request_id = await world.add_request(
        state="failed", completed_at=CREATED, products=1, images=1, failed=1, planned_at=CREATED
    )
    await world.add_product(request_id, 0, 1, 0)
    await world.add_image(request_id, 0, 0, "failed")
    first = await ask(world, "POST", request_id, "/retry")
    again = await ask(world, "POST", request_id, "/retry")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["run"] == again.json()["run"] == 2
    assert first.json()["state"] in {"pending", "processing"}
    clean = await world.add_request(state="completed", completed_at=CREATED, images=1, done=1)
    assert (await ask(world, "POST", clean, "/retry")).status_code == 409


async def failed_request(world: StatusWorld, **columns: object) -> object:
    """One image was lost, another was too slow."""
    values = {
        "state": "failed",
        "completed_at": CREATED,
        "planned_at": CREATED,
        "products": 1,
        "images": 2,
        "failed": 2,
        "failure_counts": {"http_404": 1, "timed_out": 1},
    }
    request_id = await world.add_request(**values | columns)
    await world.add_product(request_id, 0, 2, 0)
    for ordinal, code in enumerate(("http_404", "timed_out")):
        await world.add_image(request_id, ordinal, 0, "failed", code=code)
    return request_id


async def test_a_retry_takes_in_only_what_failed_with_the_codes(world: StatusWorld) -> None:
    """R19"""
    request_id = await failed_request(world)
    answer = await ask(world, "POST", request_id, "/retry?code=http_404")
    assert answer.status_code == 202
    body = answer.json()
    assert (body["run"], body["counts"]["failed"], body["counts"]["remaining"]) == (2, 1, 1)
    assert [each["code"] for each in body["failures"]] == ["timed_out"]
    states = (await world.get(f"/v1/requests/{request_id}/images")).json()["items"]
    assert [(each["state"], each["code"]) for each in states] == [("planned", None), ("failed", "timed_out")]
    answer = await ask(world, "POST", request_id, "/retry?code=http_404&code=timed_out")
    assert (answer.status_code, answer.json()["error"]) == (
        409,
        "It runs, and not with all of these: try again once it has ended.",
    )


@pytest.mark.parametrize(
    ("codes", "columns", "status", "error"),
    [
        (
            "code=teapot",
            {},
            400,
            "code: 'teapot' is no failure code; `failures` of the request has its codes.",
        ),
        (
            "code=damaged&code=http_404",
            {},
            409,
            "No image of it failed with damaged; its codes are http_404, timed_out.",
        ),
        (
            "code=http_404",
            {"state": "cancelled", "failed": 1, "cancelled": 1},
            409,
            "Not each of its images has had its turn: try again without a code, which takes in all.",
        ),
        (
            "code=http_404",
            {"state": "processing", "completed_at": None},
            409,
            "It runs, or no image of it failed or was cancelled.",
        ),
    ],
    ids=["no code", "nobody's code", "stopped", "in its first run"],
)
async def test_codes_that_make_no_sense_are_refused_with_what_helps(
    world: StatusWorld, codes: str, columns: dict[str, object], status: int, error: str
) -> None:
    request_id = await failed_request(world, **columns)
    answer = await ask(world, "POST", request_id, f"/retry?{codes}")
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_deleted_request_is_gone_at_once(world: StatusWorld) -> None:
    """R22"""
    request_id = await world.add_request(state="completed", completed_at=CREATED)
    answer = await ask(world, "DELETE", request_id, "")
    assert (answer.status_code, answer.json()["request_id"]) == (202, str(request_id))
    assert (await world.get(f"/v1/requests/{request_id}")).status_code == 404
    assert (await world.get("/v1/requests")).json()["items"] == []
    assert (await ask(world, "DELETE", request_id, "")).status_code == 404


async def test_an_exhausted_delivery_is_made_again_and_a_made_one_is_not(world: StatusWorld) -> None:
    """R17"""
    for state, expected in (("exhausted", 202), ("delivered", 409)):
        request_id = await world.add_request(
            state="completed", completed_at=CREATED, webhook_url="https://shop.example/hook"
        )
        await world.add_delivery(request_id, state=state, attempts=8)
        answer = await ask(world, "POST", request_id, "/deliveries/redeliver")
        assert answer.status_code == expected
