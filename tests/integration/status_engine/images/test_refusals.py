"""Images that their host turns away for now, on a real Postgres: they wait, and fail after an hour of it."""

from typing import Any
from uuid import UUID

from services.status.images.hosts.limited_hosts import PLACES
from services.status.images.rules import LEAST_REFUSALS, REFUSED_SECONDS
from services.status.requests import changes
from services.status.requests.changes import Verdict
from shared.contract.events import ImageRequested
from tests.worlds.services.engine_events import done, turned_away
from tests.worlds.services.engine_world import EngineWorld

LIMITED = "https://limited.example"


async def seconds_pass(world: EngineWorld, seconds: float) -> None:
    """Refusals and what is due grow older."""
    for table, columns in {"images": ("due_at", "refused_at"), "requests": ("next_due_at",)}.items():
        older = ", ".join(f"{column} = {column} - make_interval(secs => $1)" for column in columns)
        await world.pool.execute(f"UPDATE {table} SET {older}", seconds)


async def asked_again(world: EngineWorld) -> ImageRequested:
    await seconds_pass(world, 60.0)
    (asked,) = await world.dispatch()
    return asked


async def counts(world: EngineWorld, request_id: UUID) -> Any:
    return await world.pool.fetchrow(
        "SELECT failures, losses, refusals, refused_at FROM images WHERE request_id = $1", request_id
    )


async def test_an_image_that_its_host_turns_away_waits_and_ends_well(world: EngineWorld) -> None:
    """R29"""
    request_id = await world.accept([[f"{LIMITED}/1.jpg"]])
    await world.plan()
    (asked,) = await world.dispatch()
    for refusals in range(1, 8):
        await world.handle(turned_away(asked))
        (image,) = await world.images(request_id)
        assert (image["state"], image["last_code"]) == ("planned", "http_429")
        row = await counts(world, request_id)
        assert (row["failures"], row["losses"], row["refusals"]) == (0, 0, refusals)
        asked = await asked_again(world)
    await world.handle(done(asked))
    (image,) = await world.images(request_id)
    assert (image["state"], image["code"]) == ("done", None)


async def test_an_hour_of_refusals_ends_an_image_and_the_next_run_begins_anew(world: EngineWorld) -> None:
    """R09"""
    request_id = await world.accept([[f"{LIMITED}/1.jpg"]])
    await world.plan()
    (asked,) = await world.dispatch()
    for _ in range(LEAST_REFUSALS):
        await world.handle(turned_away(asked))
        asked = await asked_again(world)
    await seconds_pass(world, REFUSED_SECONDS)
    await world.handle(turned_away(asked, refused=False))  # it waited for its turn
    asked = await asked_again(world)
    await world.handle(turned_away(asked))
    (image,) = await world.images(request_id)
    assert (image["state"], image["code"]) == ("failed", "http_429")
    await world.end()
    retry = await changes.retry_failed(world.pool, "local", request_id, deadline_seconds=60)
    assert retry is Verdict.ACCEPTED
    (asked,) = await world.dispatch()
    row = await counts(world, request_id)
    assert (row["refusals"], row["refused_at"]) == (0, None)
    await world.handle(turned_away(asked))
    assert (await counts(world, request_id))["refusals"] == 1


async def test_few_images_of_a_host_that_turned_some_away_are_out_and_others_go_on(
    world: EngineWorld,
) -> None:
    """R29"""
    await world.accept([[f"{LIMITED}/{number}.jpg"] for number in range(200)])
    await world.plan()
    asked = await world.dispatch()
    await world.handle(*(turned_away(each, refused=number < 2) for number, each in enumerate(asked)))
    await seconds_pass(world, 2.0)
    out = await world.dispatch()
    assert 0 < len(out) < PLACES
    other = await world.accept([[f"https://other.example/{number}.jpg"] for number in range(5)])
    await world.plan()
    assert {each.request_id for each in await world.dispatch()} == {other}
    await world.handle(*map(done, out))
    await seconds_pass(world, 10.0)
    assert 0 < len(await world.dispatch()) < PLACES
