"""Its owner sees a request, nobody else does, and nobody one that is deleted."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.worlds.services.status_world import CREATED, StatusWorld, new_id


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


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30, "٣", "0193aaaa-0000-7000-8000-000000000000"])
async def test_a_feed_cursor_that_nobody_gave_is_a_problem(world: StatusWorld, after: str) -> None:
    assert (await world.get(f"/v1/events?after={after}")).status_code == 400


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
