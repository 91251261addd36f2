"""A run for what failed with some codes: the others are not asked for, and count and read as they failed."""

import json
from typing import Any
from uuid import UUID

import pytest

from services.status.requests import changes
from services.status.requests.changes import Verdict
from shared.contract.codes import Code, FailureCode, http_code
from shared.contract.events import ImageDone, ImageRequested
from tests.worlds.services.engine_events import done, failed
from tests.worlds.services.engine_world import EngineWorld

LOST, DAMAGED = http_code(404), FailureCode.DAMAGED
URLS = [["https://a/good.jpg"], ["https://a/lost.jpg"], ["https://a/damaged.jpg", "https://a/lost.jpg"]]


def first_answer(asked: ImageRequested) -> ImageDone:
    match asked.url.rpartition("/")[2]:
        case "lost.jpg":
            return failed(asked)
        case "damaged.jpg":
            return failed(asked, "damaged")
        case _:
            return done(asked)


async def ended(world: EngineWorld) -> UUID:
    request_id = await world.accept(URLS)
    await world.plan()
    await world.handle(*map(first_answer, await world.dispatch()))
    await world.end()
    return request_id


async def retry(world: EngineWorld, request_id: UUID, *codes: Code) -> Verdict:
    return await changes.retry_failed(
        world.pool, "local", request_id, deadline_seconds=60, codes=frozenset(codes)
    )


async def shown(world: EngineWorld, request_id: UUID) -> list[tuple[str, str | None]]:
    return [(image["state"], image["code"]) for image in await world.images(request_id)]


async def counts(world: EngineWorld, request_id: UUID) -> tuple[Any, ...]:
    row = await world.row(request_id)
    return row["state"], row["run"], row["done"], row["failed"], row["failure_counts"]


async def test_only_what_failed_with_the_code_is_asked_for_and_its_repeats_follow(world: EngineWorld) -> None:
    """R19 R27"""
    request_id = await ended(world)
    assert await retry(world, request_id, LOST) is Verdict.ACCEPTED
    assert await counts(world, request_id) == ("processing", 2, 1, 1, {"damaged": 1})
    standing = [("done", None), ("planned", None), ("failed", "damaged"), ("planned", None)]
    assert await shown(world, request_id) == standing
    (asked,) = await world.dispatch()
    assert (asked.ordinal, asked.run, asked.attempt) == (1, 2, 1)
    await world.handle(done(asked))
    await world.end()
    assert await counts(world, request_id) == ("completed", 2, 3, 1, {"damaged": 1})
    assert await shown(world, request_id) == [
        ("done", None),
        ("done", None),
        ("failed", "damaged"),
        ("done", None),
    ]
    told = json.loads(world.completions(request_id)[-1].value)
    assert (told["run"], told["data"]["counts"]["failed"]) == (2, 1)
    assert (await world.output_csv(request_id)).decode().splitlines()[3].count("/v1/files/") == 1


async def test_what_stood_can_be_tried_again_by_a_later_run(world: EngineWorld) -> None:
    request_id = await ended(world)
    await retry(world, request_id, LOST)
    await world.handle(*map(failed, await world.dispatch()))
    await world.end()
    assert await counts(world, request_id) == ("completed", 2, 1, 3, {"damaged": 1, "http_404": 2})
    await retry(world, request_id, DAMAGED)
    (asked,) = await world.dispatch()
    assert (asked.ordinal, asked.run) == (2, 3)
    await world.handle(done(asked))
    await world.end()
    assert await counts(world, request_id) == ("completed", 3, 2, 2, {"http_404": 2})
    assert await retry(world, request_id) is Verdict.ACCEPTED
    assert await shown(world, request_id) == [("done", None), ("planned", None)] * 2
    (asked,) = await world.dispatch()
    await world.handle(done(asked))
    await world.end()
    assert await counts(world, request_id) == ("completed", 4, 4, 0, {})


async def test_while_it_runs_the_same_codes_are_the_same_run_and_others_wait(world: EngineWorld) -> None:
    request_id = await ended(world)
    assert await retry(world, request_id, LOST) is Verdict.ACCEPTED
    assert await retry(world, request_id, LOST) is Verdict.ACCEPTED
    assert await retry(world, request_id, DAMAGED) is Verdict.CONFLICT
    assert await retry(world, request_id) is Verdict.CONFLICT
    assert (await world.row(request_id))["run"] == 2


@pytest.mark.parametrize("codes", [[DAMAGED, FailureCode.TIMED_OUT], [FailureCode.TIMED_OUT]])
async def test_a_code_with_which_nothing_failed_begins_no_run(world: EngineWorld, codes: list[Code]) -> None:
    request_id = await ended(world)
    assert await retry(world, request_id, *codes) is Verdict.CONFLICT
    assert (await world.row(request_id))["run"] == 1


async def test_what_a_cancel_left_open_is_brought_by_a_run_of_all_alone(world: EngineWorld) -> None:
    request_id = await ended(world)
    await retry(world, request_id, LOST)
    await changes.cancel(world.pool, "local", request_id)
    await world.end()
    assert await shown(world, request_id) == [
        ("done", None),
        ("cancelled", None),
        ("failed", "damaged"),
        ("cancelled", None),
    ]
    assert await retry(world, request_id, DAMAGED) is Verdict.CONFLICT
    assert await retry(world, request_id) is Verdict.ACCEPTED
    assert sorted(each.ordinal for each in await world.dispatch()) == [1, 2]
