"""Whatever order results come in, however often, from whichever attempt and run: the tables agree with
themselves, and with what is told of them.
"""

import json
from collections import Counter
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.status.rendering.spellings import snake_product
from services.status.rendering.whole_products import whole_products
from services.status.requests import changes
from shared.contract.events import ImageDone, ImageRequested
from tests.worlds.services.engine_events import done, failed, stale
from tests.worlds.services.engine_world import EngineWorld, empty

IMAGES = 3
EXAMPLES = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

# An answer to a dispatch: its number among those made so far, and what the processor says.
ANSWERS = st.tuples(
    st.integers(0, 99),
    st.sampled_from(["done", "changed", "failed", "retry", "stale", "old run", "no attempt"]),
)
STORIES = st.lists(st.lists(ANSWERS, max_size=6), max_size=5)

TWO_ENDS_OF_A_RUN = """
INSERT INTO completions (event_id, request_id, tenant, run, completed_at, body)
SELECT gen_random_uuid(), id, tenant, 1, now(), '' FROM requests, generate_series(1, 2)
"""


def told(asked: ImageRequested, what: str) -> ImageDone:
    other_key = f"requests/{asked.request_id}/output/{asked.ordinal}-{asked.attempt}{asked.run}.jpg"
    answers = {
        "done": lambda: done(asked),
        # It became another image at its origin between two tries.
        "changed": lambda: done(asked, output_key=other_key, bytes_out=41),
        "failed": lambda: failed(asked),
        "retry": lambda: failed(asked, "timed_out", retryable=True),
        "stale": lambda: stale(asked),
        "old run": lambda: done(asked, run=asked.run - 1, output_key="old"),
        "no attempt": lambda: failed(asked, attempt=asked.attempt + 7),
    }
    return answers[what]()


async def second_run(world: EngineWorld) -> tuple[UUID, list[ImageRequested]]:
    """A request whose first run ended without a success; its second run has asked for everything."""
    request_id = await world.accept([[f"https://a/{number}.jpg"] for number in range(IMAGES)])
    await world.plan()
    await world.handle(*map(failed, await world.dispatch()))
    await world.end()
    await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
    return request_id, await world.dispatch()


@EXAMPLES
@given(story=STORIES)
async def test_exactly_one_result_of_each_image_stands_everywhere(
    world: EngineWorld, story: list[list[tuple[int, str]]]
) -> None:
    """R09"""
    await empty(world.pool)
    request_id, asked = await second_run(world)
    ended: dict[int, Any] = {}
    shown: dict[Any, Any] = {}
    for batch in [*story, None]:
        answers = [told(asked[number % len(asked)], what) for number, what in batch or ()]
        if batch is None:  # at last everybody answers well
            answers = [done(each) for each in asked]
        if answers:
            await world.handle(*answers)
        await the_row_counts_its_images(world, request_id)
        await what_is_shown_follows_from_the_version(world, request_id, shown)
        for image in await ended_images(world, request_id):
            assert ended.setdefault(image["ordinal"], image) == image  # what has ended never changes
        await world.pool.execute("UPDATE images SET due_at = now() WHERE due_at IS NOT NULL")
        await world.pool.execute("UPDATE requests SET next_due_at = now() WHERE next_due_at IS NOT NULL")
        asked += await world.dispatch()
        await what_is_shown_follows_from_the_version(world, request_id, shown)
    if not (await world.row(request_id))["ending"]:
        await world.handle(*map(done, asked))
    await world.end()
    await what_is_shown_follows_from_the_version(world, request_id, shown)
    await what_is_told_agrees(world, request_id)


async def ended_images(world: EngineWorld, request_id: UUID) -> list[Any]:
    return [dict(image) for image in await world.images(request_id) if image["state"] in ("done", "failed")]


async def the_row_counts_its_images(world: EngineWorld, request_id: UUID) -> None:
    row, images = await world.row(request_id), await world.images(request_id)
    states = [image["state"] for image in images]
    assert (row["done"], row["failed"]) == (states.count("done"), states.count("failed"))
    assert row["in_flight"] == states.count("requested")
    assert row["bytes_out"] == sum(image["bytes_out"] or 0 for image in images)
    await the_row_counts_its_failures(world, request_id)


async def the_row_counts_its_failures(world: EngineWorld, request_id: UUID) -> None:
    row, images = await world.row(request_id), await world.images(request_id)
    assert row["failure_counts"] == Counter(each["code"] for each in images if each["state"] == "failed")


async def what_is_shown_follows_from_the_version(
    world: EngineWorld, request_id: UUID, shown: dict[Any, Any]
) -> None:
    """What was rendered of one version may be shown again for as long as the row has that version."""
    reader = world.reader
    record = await reader.request(request_id)
    assert record is not None
    products = [products async for products in whole_products(reader.image_pages(record))]
    rendered = [snake_product(images) for page in products for images in page]
    assert shown.setdefault(record.images_version(), rendered) == rendered


async def test_what_is_shown_changes_its_version_at_every_step_of_a_life(world: EngineWorld) -> None:
    """R05"""
    request_id = await world.accept([["https://a/1.jpg", "https://a/2.jpg"], ["https://a/1.jpg"]])
    shown: dict[Any, Any] = {}

    async def look() -> None:
        await what_is_shown_follows_from_the_version(world, request_id, shown)
        await the_row_counts_its_failures(world, request_id)

    await look()
    await world.plan()
    await look()
    for run in (1, 2):
        asked = await world.dispatch()
        await look()
        for each in asked[: 3 - run]:
            await world.handle(failed(each) if run == 1 else done(each))
            await look()
        await world.end()
        await look()
        if run == 1:
            await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
            await look()
    await changes.cancel(world.pool, "local", request_id)
    await world.end()
    await look()
    assert len(shown) == 10


async def what_is_told_agrees(world: EngineWorld, request_id: UUID) -> None:
    row, images = await world.row(request_id), await world.images(request_id)
    urls = [image["output_url"] for image in images]
    body = json.loads(world.completions(request_id)[-1].value)
    assert body["run"] == 2
    assert [url for each in body["data"]["products"] for url in each["outputImageUrls"]] == urls
    assert body["data"]["counts"]["done"] == row["done"] == len(urls) - urls.count(None)
    lines = world.store.objects[row["output_csv_path"]].decode().split("\r\n")[1:-1]
    assert [line.rpartition(",")[2] or None for line in lines] == urls


@EXAMPLES
@given(
    data=st.data(), outcomes=st.lists(st.sampled_from(["done", "failed", "retry"]), min_size=3, max_size=3)
)
async def test_where_repeats_agree_every_order_ends_in_the_same_tables(
    world: EngineWorld, data: st.DataObject, outcomes: list[str]
) -> None:
    await empty(world.pool)
    request_id, asked = await second_run(world)
    story = [told(each, what) for each, what in zip(asked, outcomes, strict=True)]
    noise = [told(each, what) for each in asked for what in ("old run", "no attempt")]
    shuffled = data.draw(st.permutations([*story, *story, *noise]))
    cut = data.draw(st.integers(0, len(shuffled)))
    for batch in (shuffled[:cut], shuffled[cut:]):
        if batch:
            await world.handle(*batch)
    states = {"done": "done", "failed": "failed", "retry": "planned"}
    assert [image["state"] for image in await world.images(request_id)] == [states[what] for what in outcomes]
    row = await world.row(request_id)
    assert (row["done"], row["failed"], row["in_flight"]) == (
        outcomes.count("done"),
        outcomes.count("failed"),
        0,
    )
    assert await world.pool.fetchval("SELECT sum(failures) FROM images") == 3 - outcomes.count("done")


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE images SET state = 'done'",
        "UPDATE images SET state = 'failed'",
        "UPDATE images SET output_url = 'https://a'",
        "UPDATE images SET state = 'lost'",
        "UPDATE requests SET done = images + 1",
        "UPDATE requests SET in_flight = -1",
        "UPDATE requests SET state = 'completed'",
        "UPDATE requests SET completed_at = now()",
        "UPDATE requests SET planned_images = images + 1",
        "UPDATE requests SET next_ordinal = planned_images + 1",
        TWO_ENDS_OF_A_RUN,
    ],
)
async def test_the_database_itself_forbids_what_cannot_be(world: EngineWorld, change: str) -> None:
    """R13"""
    await empty(world.pool)
    await world.accept([["https://a/1.jpg"]])
    await world.plan()
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await world.pool.execute(change)
