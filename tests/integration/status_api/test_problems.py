"""Asking wrongly: the answer is a problem that says exactly what is wrong, and nothing leaks."""

from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.web.api_keys import Scope
from shared.web.auth import TenantOf
from tests.worlds.services.status_world import CREATED, StatusWorld, new_id

READS = [
    "",
    "/images",
    "/deliveries",
    "/events",
    "/output.csv",
    "/output.csv?columns=extended",
    "/failed.csv",
]
SNAKE_AND_CAMEL = ["/status/{}", "/api/status/{}", "/download/{}", "/api/download/{}/"]
PATHS = [f"/v1/requests/{{}}{part}" for part in READS] + SNAKE_AND_CAMEL
NOT_FOUND = {"Request ID not found", "Output CSV not found"}


def is_problem(answer: httpx.Response, status: int) -> bool:
    body = answer.json()
    return (
        answer.status_code == body["status"] == status
        and answer.headers["content-type"] == "application/problem+json"
        and bool(body["error"] and body["type"] and body["title"])
    )


async def ended(world: StatusWorld) -> UUID:
    request_id = await world.add_request(state="completed", completed_at=CREATED, output_csv_path="k")
    world.store.objects["k"] = b"secret"
    await world.add_completion(request_id, {"run": 1})
    return request_id


@pytest.mark.parametrize("path", PATHS)
async def test_a_strangers_request_reads_like_one_that_never_was(world: StatusWorld, path: str) -> None:
    """R20: the same 404, word for word, so that nobody learns which ids exist."""
    strangers, unknown = await ended(world), new_id()
    assert (await world.get(path.format(strangers))).status_code == 200
    same_call = {"X-Request-Id": "one-call"}
    answers = [
        await world.get(path.format(each), tenant="stranger", headers=same_call)
        for each in (strangers, unknown)
    ]
    assert all(is_problem(answer, 404) for answer in answers)
    assert answers[0].content == answers[1].content
    assert answers[0].json()["error"] in NOT_FOUND


async def test_a_strangers_event_is_no_cursor(world: StatusWorld) -> None:
    """R20"""
    request_id = await ended(world)
    (item,) = (await world.get("/v1/events")).json()["items"]
    answer = await world.get(f"/v1/events?after={item['id']}", tenant="stranger")
    assert is_problem(answer, 400)
    assert str(request_id) not in answer.text


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ("images?limit=0", "limit: Input should be greater than or equal to 1"),
        ("images?limit=1001", "limit: Input should be less than or equal to 1000"),
        ("images?limit=ten", "limit: Input should be a valid integer"),
        (
            "images?state=gone",
            "state: Input should be 'planned', 'requested', 'done', 'failed' or 'cancelled'",
        ),
        ("deliveries?limit=1001", "limit: Input should be less than or equal to 1000"),
        ("output.csv?columns=all", "columns: Input should be 'extended'"),
    ],
)
async def test_a_parameter_that_is_wrong_is_named_with_its_bounds(
    world: StatusWorld, query: str, error: str
) -> None:
    answer = await world.get(f"/v1/requests/{await ended(world)}/{query}")
    assert is_problem(answer, 400)
    assert answer.json()["error"].startswith(error)


@pytest.mark.parametrize("part", ["images", "deliveries"])
@pytest.mark.parametrize("cursor", ["-1", "2147483648", "0" * 5_000, "abc", "1.0", "1_0", "\u0665"])
async def test_what_is_no_cursor_is_told_of_every_list_in_the_same_words(
    world: StatusWorld, part: str, cursor: str
) -> None:
    request_id = await ended(world)
    answer = await world.get(f"/v1/requests/{request_id}/{part}?cursor={cursor}")
    assert (
        answer.content
        == (
            await world.get("/v1/requests?cursor=x", headers={"X-Request-Id": answer.headers["X-Request-Id"]})
        ).content
    )
    assert is_problem(answer, 400)


async def test_an_empty_cursor_is_as_good_as_none_in_every_list(world: StatusWorld) -> None:
    request_id = await ended(world)
    parts = (f"requests/{request_id}/images", f"requests/{request_id}/deliveries", "requests")
    for path, name in (*((part, "cursor") for part in parts), ("events", "after")):
        assert (await world.get(f"/v1/{path}?{name}=")).content == (await world.get(f"/v1/{path}")).content


@pytest.mark.parametrize("limit", [1, 1000])
async def test_a_limit_may_be_as_small_and_as_large_as_it_says(world: StatusWorld, limit: int) -> None:
    request_id = await ended(world)
    for path in ("/v1/requests", "/v1/events", f"/v1/requests/{request_id}/images"):
        assert (await world.get(f"{path}?limit={limit}")).status_code == 200


async def test_a_cursor_behind_the_end_is_an_empty_page(world: StatusWorld) -> None:
    request_id = await ended(world)
    for part in ("images", "deliveries"):
        answer = await world.get(f"/v1/requests/{request_id}/{part}?cursor=2147483647")
        assert answer.json() == {"items": [], "next": None}
    assert (await world.get("/v1/events?after=9223372036854775807")).json() == {"items": [], "next": None}


@pytest.mark.parametrize("after", ["9223372036854775808", "0" * 20 + "9" * 30, "0" * 5_000])
async def test_a_number_that_is_no_cursor_is_a_problem_however_it_begins(
    world: StatusWorld, after: str
) -> None:
    """With zeros before it, it once was a number that Postgres does not take, and a 500."""
    answer = await world.get(f"/v1/events?after={after}")
    assert is_problem(answer, 400)


async def test_a_page_far_down_is_as_whole_as_the_first(world: StatusWorld) -> None:
    """R10: by keyset, so that nothing is skipped or told twice however deep."""
    request_id = await world.add_request(state="processing", products=1, images=2_500)
    await world.add_product(request_id, 0, 2_500, 0)
    await world.pool.execute(
        "INSERT INTO images (request_id, ordinal, id, product_number, product_id, input_url)"
        " SELECT $1, n, gen_random_uuid(), 0, gen_random_uuid(), 'https://a/' || n"
        " FROM generate_series(0, 2499) n",
        request_id,
    )
    seen: list[int] = []
    cursor = "0"
    while cursor:
        path = f"/v1/requests/{request_id}/images?limit=999&cursor={cursor}"
        body = (await world.get(path)).json()
        seen += [item["ordinal"] for item in body["items"]]
        cursor = body["next"]
    assert seen == list(range(2_500))


@pytest.mark.parametrize("path", [*PATHS, "/v1/requests", "/v1/events", "/v1/files/x"])
async def test_a_method_that_is_not_there_is_a_problem_that_names_the_others(
    world: StatusWorld, path: str
) -> None:
    async with world.client() as client:
        answer = await client.patch(path.format(new_id()).partition("?")[0])
    assert is_problem(answer, 405)
    assert "GET" in answer.headers["allow"]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.text(min_size=1, max_size=40), st.sampled_from(PATHS))
async def test_no_id_breaks_an_answer(world: StatusWorld, text: str, path: str) -> None:
    """R15"""
    quoted = "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "replace"))
    answer = await world.get(path.format(quoted))
    assert answer.status_code == 404, answer.text
    assert answer.json()["error"] in {*NOT_FOUND, "Not Found"}  # a slash in the id makes another path


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.text(max_size=60), st.sampled_from(["/v1/requests?cursor", "/v1/events?after"]))
async def test_no_cursor_breaks_an_answer(world: StatusWorld, text: str, path: str) -> None:
    quoted = "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "replace"))
    answer = await world.get(f"{path}={quoted}")
    assert answer.status_code in {200, 400}, answer.text
    if answer.status_code == 400:
        assert is_problem(answer, 400)


async def test_a_key_for_uploads_alone_reads_nothing_and_changes_nothing(
    world: StatusWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20"""
    asked: list[Scope] = []

    def tenant_with(scope: Scope) -> TenantOf:
        asked.append(scope)
        return world.deps.authenticator.tenant

    monkeypatch.setattr(world.deps.authenticator, "tenant_with", tenant_with, raising=False)
    request_id = await ended(world)
    for path in PATHS:
        await world.get(path.format(request_id))
    assert set(asked) == {Scope.READ}
    asked.clear()
    async with world.client() as client:
        for part in ("cancel", "retry", "deliveries/redeliver"):
            await client.post(f"/v1/requests/{request_id}/{part}")
        await client.delete(f"/v1/requests/{request_id}")
    assert asked == [Scope.MANAGE] * 4
