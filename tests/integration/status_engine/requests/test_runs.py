"""The end of runs on a real Postgres: once each, in order, told twice if need be; cancel, retry, delete."""

import asyncio
import csv
import io
import json
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import pytest

from services.status.postgres.statements import SQL
from services.status.records import rows
from services.status.requests import changes, ending, output_pages
from services.status.requests.changes import Verdict
from services.status.requests.output_pages import ended_products
from shared.consuming.handling import Outgoing
from shared.contract.events import (
    TARGET_HEADER,
    TENANT_HEADER,
    DeliveryOutcome,
    ImageRequested,
    RequestCompleted,
    WebhookAttempted,
    WebhookRetry,
)
from shared.contract.keys import request_prefix, rows_key, source_key
from shared.outcomes import Away, Invalid
from shared.testing.fakes import LONG_AGO
from tests.integration.status_engine.asking import products
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.services.engine_events import accepted, done, failed
from tests.worlds.services.engine_world import EngineWorld, empty, open_engine


@pytest.fixture
async def world(database: str) -> AsyncIterator[EngineWorld]:
    async with open_engine(database, webhook_schedule="0,5,300") as world:
        await empty(world.pool)
        yield world


@pytest.fixture
async def twin(database: str, world: EngineWorld) -> AsyncIterator[EngineWorld]:
    """A second process beside the first, on the same database and store."""
    async with open_engine(database, store=world.store, webhook_schedule="0,5,300") as twin:
        yield twin


async def planned(world: EngineWorld, count: int = 3) -> UUID:
    request_id = await world.accept(products(count))
    await world.plan()
    return request_id


async def ended(world: EngineWorld, count: int = 1) -> UUID:
    """A request that ended well and whose completion is on its topic."""
    request_id = await planned(world, count)
    await world.handle(*map(done, await world.dispatch()))
    await world.end()
    return request_id


def attempted(webhook_id: UUID, request_id: UUID, attempt: int, outcome: DeliveryOutcome) -> WebhookAttempted:
    return WebhookAttempted(
        request_id=request_id,
        webhook_id=webhook_id,
        attempt=attempt,
        outcome=outcome,
        attempted_at=LONG_AGO,
        error="n\x00o" if outcome is DeliveryOutcome.FAILED else None,
    )


async def test_a_run_ends_once_however_many_try(world: EngineWorld, twin: EngineWorld) -> None:
    ids = [await planned(world, 2) for _ in range(10)]
    while asked := await world.dispatch():
        await world.handle(*map(done, asked))
    await asyncio.gather(world.end(), twin.end(), world.end(), twin.end())
    for request_id in ids:
        told = [*world.completions(request_id), *twin.completions(request_id)]
        assert len(told) == 1
        assert (await world.row(request_id))["state"] == "completed"
    assert await world.pool.fetchval("SELECT count(*) FROM deliveries") == len(ids)


async def test_the_csv_is_in_the_store_before_the_run_ends(world: EngineWorld) -> None:
    request_id = await planned(world)
    await world.handle(*map(done, await world.dispatch()))
    world.store.away = True
    with pytest.raises(Away):
        await world.end()
    assert (await world.row(request_id))["completed_at"] is None
    world.store.away = False
    await world.end()
    row = await world.row(request_id)
    assert row["output_csv_path"] in world.store.objects
    assert row["expires_at"] is not None


async def test_a_completion_that_was_not_acknowledged_is_published_again_byte_for_byte(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = SQL["mark_completions"]
    monkeypatch.setitem(SQL, "mark_completions", "SELECT $1::bigint[]")  # a crash after publish
    request_id = await ended(world)
    monkeypatch.setitem(SQL, "mark_completions", mark)
    await world.step("announcer")
    assert len(world.completions(request_id)) == 1  # not due again yet
    await world.pool.execute("UPDATE completions SET claimed_at = now() - interval '16 s'")
    world.producer.away = True
    with pytest.raises(Away):
        await world.step("announcer")
    world.producer.away = False
    await world.step("announcer")
    await world.step("announcer")
    first, again = world.completions(request_id)
    assert first.value == again.value
    assert first.event.event_id() == again.event.event_id()


async def test_no_completion_can_appear_behind_one_with_a_larger_number(world: EngineWorld) -> None:
    """R26: whoever follows the numbers would never see it."""
    request_id = await planned(world, 1)
    await world.handle(*map(done, await world.dispatch()))
    async with world.pool.acquire() as other, other.transaction():
        await other.execute(SQL["lock_completions"])  # another run ends at this moment, and takes its time
        ends = asyncio.create_task(world.end())
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not await world.pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
                await asyncio.sleep(0.01)
        assert (await world.row(request_id))["completed_at"] is None
    await ends
    assert len(world.completions(request_id)) == 1


async def test_cancel_stops_dispatching_and_what_is_open_counts_as_cancelled(world: EngineWorld) -> None:
    request_id = await planned(world, 20)
    asked = await world.dispatch()
    await world.handle(done(asked[0]), failed(asked[1]))
    assert await changes.cancel(world.pool, "local", request_id) is Verdict.ACCEPTED
    assert await changes.cancel(world.pool, "local", request_id) is Verdict.ACCEPTED
    assert not await world.dispatch()
    await world.handle(done(asked[2]))  # too late
    await world.end()
    row = await world.row(request_id)
    assert (row["state"], row["done"], row["failed"], row["cancelled"], row["in_flight"]) == (
        "cancelled",
        1,
        1,
        18,
        0,
    )
    assert await world.pool.fetchval("SELECT count(*) FROM images WHERE state = 'requested'") == 0
    states = [image["state"] for image in await world.images(request_id)]
    assert states == ["done", "failed", *["cancelled"] * 18]
    (message,) = world.completions(request_id)
    assert json.loads(message.value)["data"]["counts"]["cancelled"] == 18
    assert not [key for key in world.store.objects if "output" in key]  # so it ends soon at any size
    assert (await world.output_csv(request_id)).count(b"\r\n") == 21
    assert await changes.cancel(world.pool, "local", request_id) is Verdict.ACCEPTED


async def test_a_request_that_is_cancelled_before_it_is_planned_still_has_all_its_rows(
    world: EngineWorld,
) -> None:
    request_id = await world.accept(products(3))
    await changes.cancel(world.pool, "local", request_id)
    async with world.running(done):
        row = await world.until_ended(request_id)
    assert (row["state"], row["cancelled"]) == ("cancelled", 3)
    assert (await world.output_csv(request_id)).count(b"\r\n") == 4


async def test_a_cancelled_run_reads_no_more_of_its_products_than_its_event_takes(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R05: so that a million images end as soon as a thousand."""
    pages = 0

    async def counted(*of_which: Any) -> AsyncIterator[Any]:
        nonlocal pages
        async for page in ended_products(*of_which):
            pages += 1
            yield page

    monkeypatch.setattr(ending, "ended_products", counted)
    monkeypatch.setattr(output_pages, "PAGE_PRODUCTS", 100)
    request_id = await planned(world, 3_000)
    await changes.cancel(world.pool, "local", request_id)
    await world.end()
    told = json.loads(world.completions(request_id)[0].value)["data"]
    assert told["products_truncated"] is True
    assert pages == len(told["products"]) // 100 + 1 < 30


async def test_a_large_request_that_is_cancelled_while_it_is_planned_ends_without_the_rest(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R05, R14: its CSV has all its rows, and the next run plans what is missing."""
    monkeypatch.setattr(changes, "SOON_PLANNED_IMAGES", 3)
    monkeypatch.setattr(rows, "CHUNK_PRODUCTS", 2)
    request_id = await world.accept(products(9))
    (planner,) = (job for job in world.engine.jobs if job.name == "planner (any)")
    at_once = asyncio.Event()
    at_once.set()
    await planner.step(at_once)  # one chunk
    (first, _) = await world.dispatch()
    await world.handle(done(first))
    assert await changes.cancel(world.pool, "local", request_id) is Verdict.ACCEPTED
    await world.plan()
    await world.end()
    row = await world.row(request_id)
    assert (row["state"], row["done"], row["cancelled"], row["planned_images"]) == ("cancelled", 1, 8, 2)
    assert await serial_numbers(world, request_id) == [str(number + 1) for number in range(9)]
    told = json.loads(world.completions(request_id)[0].value)["data"]
    assert [product["serialNumber"] for product in told["products"]] == list(range(1, 10))
    retry = await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
    assert retry is Verdict.ACCEPTED
    async with world.running(done):
        row = await world.until_ended(request_id, run=2)
    assert (row["state"], row["done"], row["planned_images"]) == ("completed", 9, 9)
    assert await serial_numbers(world, request_id) == [str(number + 1) for number in range(9)]


async def serial_numbers(world: EngineWorld, request_id: UUID) -> list[str]:
    """Of the rows of the output CSV."""
    output = (await world.output_csv(request_id)).decode()
    return [cells[0] for cells in csv.reader(io.StringIO(output))][1:]


async def test_a_request_past_its_deadline_in_the_middle_of_its_planning_has_all_its_rows_too(
    world: EngineWorld,
) -> None:
    """R14"""
    request_id = await world.accept(products(3))
    await world.pool.execute("UPDATE requests SET deadline_at = now()")
    await world.step("deadlines")
    await world.end()
    row = await world.row(request_id)
    assert (row["state"], row["failed"], row["planned_images"]) == ("failed", 3, 0)
    assert await serial_numbers(world, request_id) == ["1", "2", "3"]


async def test_an_ended_request_cannot_be_cancelled_and_nobody_else_can_change_it(world: EngineWorld) -> None:
    """R20"""
    request_id = await ended(world)
    assert await changes.cancel(world.pool, "local", request_id) is Verdict.CONFLICT
    for verdict in (
        await changes.cancel(world.pool, "stranger", request_id),
        await changes.retry_failed(world.pool, "stranger", request_id, deadline_seconds=1),
        await changes.redeliver(world.pool, "stranger", request_id),
        await changes.delete_request(world.pool, "stranger", request_id),
    ):
        assert verdict is Verdict.UNKNOWN


async def test_a_second_run_fetches_only_what_is_not_done_and_ends_by_an_event_of_its_own(
    world: EngineWorld,
) -> None:
    request_id = await planned(world, 4)
    asked = await world.dispatch()
    await world.handle(done(asked[0]), failed(asked[1]), done(asked[2]))
    retry = await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
    assert retry is Verdict.CONFLICT  # the first run is open
    await changes.cancel(world.pool, "local", request_id)
    await world.end()
    for _ in range(2):  # a repeat while it runs is the same run
        retry = await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
        assert retry is Verdict.ACCEPTED
    assert [image["state"] for image in await world.images(request_id)] == [
        "done",
        "planned",
        "done",
        "planned",
    ]
    again = await world.dispatch()
    assert [(each.ordinal, each.run, each.attempt) for each in again] == [(1, 2, 1), (3, 2, 1)]
    await world.handle(done(asked[3]))  # of the first run: changes nothing
    await world.handle(done(again[0]), failed(again[1]))
    await world.end()
    row = await world.row(request_id)
    assert (row["run"], row["state"], row["done"], row["failed"], row["cancelled"]) == (
        2,
        "completed",
        3,
        1,
        0,
    )
    first, second = world.completions(request_id)
    assert first.event.event_id() != second.event.event_id()
    assert RequestCompleted.parse(second.value).run == 2
    assert row["output_csv_path"] == f"{request_prefix(request_id)}output-2.csv"
    assert (await world.output_csv(request_id)).count(b"\r\n") == 5


async def test_a_long_stretch_of_done_images_is_walked_over_in_a_second_run(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.status.images.dispatching.claiming.SCAN_IMAGES", 5)
    request_id = await planned(world, 40)
    async with world.running(
        lambda request: failed(request) if request.ordinal in {0, 39} else done(request)
    ):
        await world.until_ended(request_id)
        await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
        await world.until_ended(request_id, run=2)
    asked = world.producer.events(ImageRequested)
    assert [each.ordinal for each in asked if each.run == 2] == [0, 39]


async def test_nothing_to_retry_is_a_conflict(world: EngineWorld) -> None:
    request_id = await ended(world)
    retry = await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
    assert retry is Verdict.CONFLICT


async def test_a_source_that_came_back_is_planned_by_the_next_run(world: EngineWorld) -> None:
    request_id = await world.accept(products(2), with_rows=False)
    await world.plan()
    await world.end()
    await world.accept(products(2), request_id=request_id)  # a replay, which only brings the file back
    await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
    async with world.running(done):
        row = await world.until_ended(request_id, run=2)
    assert (row["state"], row["done"]) == ("completed", 2)


async def test_a_deleted_request_ends_and_loses_its_rows_and_files_but_not_its_tombstone(
    world: EngineWorld,
) -> None:
    """R22"""
    request_id = await planned(world)
    assert await changes.delete_request(world.pool, "local", request_id) is Verdict.ACCEPTED
    assert await changes.delete_request(world.pool, "local", request_id) is Verdict.UNKNOWN
    await world.end()
    while await world.step("purge"):
        pass
    row = await world.row(request_id)
    assert (row["state"], row["purged_at"] is not None) == ("cancelled", True)
    assert not [key for key in world.store.objects if key.startswith(request_prefix(request_id))]
    assert not await world.images(request_id)
    assert len(world.completions(request_id)) == 1
    await world.step("expiry")
    assert await world.row(request_id) is not None
    await world.pool.execute("UPDATE requests SET deleted_at = now() - interval '16 days'")
    await world.step("expiry")
    assert await world.row(request_id) is None


async def test_what_has_expired_is_deleted_and_nothing_else(world: EngineWorld) -> None:
    """R22"""
    old, fresh = await ended(world), await ended(world)
    await world.pool.execute("UPDATE requests SET expires_at = now() WHERE id = $1", old)
    await world.step("expiry")
    assert (await world.row(old))["deleted_at"] is not None
    assert (await world.row(fresh))["deleted_at"] is None


async def delivery(world: EngineWorld, request_id: UUID) -> tuple[str, int, bool]:
    query = "SELECT state, attempts, due_at IS NOT NULL AS due FROM deliveries WHERE request_id = $1"
    row = await world.pool.fetchrow(query, request_id)
    assert row is not None
    return row["state"], row["attempts"], row["due"]


async def due_now(world: EngineWorld) -> list[WebhookRetry]:
    await world.pool.execute("UPDATE deliveries SET due_at = now() WHERE due_at IS NOT NULL")
    before = len(world.producer.events(WebhookRetry))
    await world.step("deliveries")
    return world.producer.events(WebhookRetry)[before:]


async def test_a_delivery_is_tried_by_the_schedule_until_it_is_exhausted_and_then_by_hand(
    world: EngineWorld,
) -> None:
    """R17"""
    request_id = await ended(world)
    (completion,) = world.completions(request_id)
    webhook_id = completion.event.event_id()
    for attempt in (1, 2, 3):
        answer = attempted(webhook_id, request_id, attempt, DeliveryOutcome.FAILED)
        await world.handle(answer, answer)  # told twice, counted once
        assert await delivery(world, request_id) == (
            ("retrying", attempt, True) if attempt < 3 else ("exhausted", 3, False)
        )
        if attempt < 3:
            (asked,) = await due_now(world)
            assert (asked.attempt, asked.body.encode()) == (attempt + 1, completion.value)
            assert asked.webhook_id == webhook_id
            assert not await due_now(world)
    assert await changes.redeliver(world.pool, "local", request_id) is Verdict.ACCEPTED
    (asked,) = await due_now(world)
    assert asked.attempt == 4
    await world.handle(attempted(webhook_id, request_id, 4, DeliveryOutcome.DELIVERED))
    assert await delivery(world, request_id) == ("delivered", 4, False)
    assert await changes.redeliver(world.pool, "local", request_id) is Verdict.CONFLICT
    assert await world.pool.fetchval("SELECT count(*) FROM attempts") == 4
    message = next(each for each in world.producer.published if isinstance(each.event, WebhookRetry))
    assert (message.headers[TARGET_HEADER], message.headers[TENANT_HEADER]) == ("sealed", "local")


async def test_deferred_is_no_attempt_and_is_asked_for_again(world: EngineWorld) -> None:
    request_id = await ended(world)
    webhook_id = world.completions(request_id)[0].event.event_id()
    await world.handle(attempted(webhook_id, request_id, 1, DeliveryOutcome.DEFERRED))
    assert await delivery(world, request_id) == ("waiting", 0, True)
    (asked,) = await due_now(world)
    assert asked.attempt == 1
    await world.handle(attempted(webhook_id, request_id, 1, DeliveryOutcome.DEFERRED))
    assert await delivery(world, request_id) == ("waiting", 0, True)


async def test_an_ask_that_was_not_acknowledged_is_made_again(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    request_id = await ended(world)
    webhook_id = world.completions(request_id)[0].event.event_id()
    await world.handle(attempted(webhook_id, request_id, 1, DeliveryOutcome.FAILED))
    world.producer.away = True
    with pytest.raises(Away):
        await due_now(world)
    world.producer.away = False
    assert [each.attempt for each in await due_now(world)] == [2]


async def test_an_ask_that_nobody_lived_to_mark_is_made_again(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R17: whoever dies between the two leaves his claim there."""
    request_id = await ended(world)
    webhook_id = world.completions(request_id)[0].event.event_id()
    await world.handle(attempted(webhook_id, request_id, 1, DeliveryOutcome.FAILED))
    monkeypatch.setitem(SQL, "mark_deliveries_asked", "SELECT $1::uuid[], $2::timestamptz[]")
    assert [each.attempt for each in await due_now(world)] == [2]
    assert not await due_now(world)  # somebody may be at it
    assert await world.pool.fetchval(SQL["next_due_delivery"]) is None  # and nobody looks without a rest
    await world.pool.execute("UPDATE deliveries SET claimed_at = now() - interval '16 s'")
    assert [each.attempt for each in await due_now(world)] == [2]


@pytest.mark.parametrize(
    ("outcome", "attempts"), [(DeliveryOutcome.FAILED, 2), (DeliveryOutcome.DEFERRED, 1)]
)
async def test_an_answer_that_comes_before_its_ask_is_marked_is_not_undone(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch, outcome: DeliveryOutcome, attempts: int
) -> None:
    request_id = await ended(world)
    webhook_id = world.completions(request_id)[0].event.event_id()
    await world.handle(attempted(webhook_id, request_id, 1, DeliveryOutcome.FAILED))
    publish = world.producer.publish

    async def answered_at_once(messages: Sequence[Outgoing]) -> None:
        await publish(messages)
        await world.handle(attempted(webhook_id, request_id, 2, outcome))

    monkeypatch.setattr(world.producer, "publish", answered_at_once)
    await due_now(world)
    assert await delivery(world, request_id) == ("retrying", attempts, True)


@pytest.mark.parametrize("outcome", [DeliveryOutcome.GONE, DeliveryOutcome.UNDELIVERABLE])
async def test_some_answers_end_a_delivery_for_good(world: EngineWorld, outcome: DeliveryOutcome) -> None:
    request_id = await ended(world)
    webhook_id = world.completions(request_id)[0].event.event_id()
    await world.handle(attempted(webhook_id, request_id, 1, outcome))
    state, _, due = await delivery(world, request_id)
    assert (state, due) == (outcome.value, False)


async def test_an_answer_that_cannot_be_recorded_counts_as_a_failed_attempt(world: EngineWorld) -> None:
    request_id = await ended(world)
    webhook_id = world.completions(request_id)[0].event.event_id()
    await world.report_dead(attempted(webhook_id, request_id, 1, DeliveryOutcome.DELIVERED))
    assert await delivery(world, request_id) == ("retrying", 1, True)
    assert await world.pool.fetchval("SELECT error FROM attempts") == "internal"  # and is shown as such


async def test_a_request_without_a_webhook_has_no_delivery(world: EngineWorld) -> None:
    request_id = await world.accept(products(1), webhook=None)
    async with world.running(done):
        await world.until_ended(request_id)
    assert await world.pool.fetchval("SELECT count(*) FROM deliveries") == 0


async def test_the_first_attempt_waits_where_the_schedule_says_so(database: str) -> None:
    async with open_engine(database, webhook_schedule="60,5") as world:
        await empty(world.pool)
        request_id = await ended(world)
        (completion,) = world.completions(request_id)
        assert TARGET_HEADER not in completion.headers
        assert await delivery(world, request_id) == ("waiting", 0, True)
        (asked,) = await due_now(world)
        assert asked.attempt == 1


async def test_a_request_that_cannot_be_recorded_as_it_came_ends_as_failed(world: EngineWorld) -> None:
    request_id = uuid.uuid4()
    await world.report_dead(accepted(request_id, filename="a\x00b.csv"))
    await world.end()
    row = await world.row(request_id)
    assert (row["state"], row["failure_code"], row["failed"]) == ("failed", "internal", 3)


@pytest.mark.parametrize("field", ["source_key", "rows_key"])
@pytest.mark.parametrize("key", ["", "{}", "{}/", "{}/../x", "/etc/passwd", "requests/a/rows", "{}/a//b"])
async def test_a_request_whose_file_is_none_of_its_own_is_buried_and_nobody_waits_for_the_store(
    world: EngineWorld, field: str, key: str
) -> None:
    """R23: of such a key the folder said that it was away; every planner waited, and status was unready."""
    request_id = uuid.uuid4()
    event = accepted(request_id, **{field: key.format(request_prefix(request_id).rstrip("/"))})
    with pytest.raises(Invalid, match="no file of this request"):
        await world.handle(event)
    await world.report_dead(event)
    await world.end()
    row = await world.row(request_id)
    assert (row["failure_code"], row["completed_at"] is not None) == ("internal", True)
    assert (row["source_key"], row["rows_key"]) == (source_key(request_id), rows_key(request_id))
