"""Images of a host that processors leave alone, as it answers nobody: few are out, on a real Postgres."""

import pytest

from services.status.images.hosts import host_places
from tests.worlds.services.engine_events import done, failed, turned_away
from tests.worlds.services.engine_world import EngineWorld

PLACES = 4


async def seconds_pass(world: EngineWorld, seconds: float) -> None:
    for table, column in (("images", "due_at"), ("requests", "next_due_at")):
        await world.pool.execute(
            f"UPDATE {table} SET {column} = {column} - make_interval(secs => $1)", seconds
        )


@pytest.mark.parametrize("code", ["connect_failed", "connection_lost", "http_502"])
async def test_few_images_of_a_host_at_rest_are_out_until_it_answers(
    world: EngineWorld, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """R18: each came back every 15 s, for as long as the host was away."""
    monkeypatch.setattr(host_places, "PLACES", PLACES)
    await world.accept([[f"https://shop.example/{number}.jpg"] for number in range(20)])
    await world.plan()
    first, *_ = out = await world.dispatch()
    assert len(out) < PLACES
    await world.handle(done(first))
    out += await world.dispatch()
    assert len(out) > PLACES
    for _ in range(3):
        await world.handle(*(turned_away(each, code=code, refused=False) for each in out))
        await seconds_pass(world, 1.0)
        probe, *_ = out = await world.dispatch()
        assert len(out) < PLACES
    await world.handle(done(probe))
    await seconds_pass(world, 60.0)
    assert len(await world.dispatch()) > PLACES


async def test_a_processor_is_told_how_often_an_image_has_failed(world: EngineWorld) -> None:
    """One that has failed says nothing of its host. A rest of the host is no failure."""
    await world.accept([["https://shop.example/1.jpg"]])
    await world.plan()
    (first,) = await world.dispatch()
    assert first.failures == 0
    await world.handle(turned_away(first, code="http_502", refused=False))
    await seconds_pass(world, 60.0)
    (second,) = await world.dispatch()
    assert second.failures == 0
    await world.handle(failed(second, "http_502", retryable=True))
    await seconds_pass(world, 60.0)
    (third,) = await world.dispatch()
    assert third.failures == 1


@pytest.mark.parametrize("code", ["http_502", "http_503"])
async def test_a_processor_is_told_of_a_host_that_answered_before_and_is_left_alone(
    world: EngineWorld, code: str
) -> None:
    """R09: one that starts meanwhile knows nothing of it, and its images failed."""
    await world.accept([["https://shop.example/1.jpg"], ["https://shop.example/2.jpg"]])
    await world.plan()
    first, second = await world.dispatch()
    assert (first.host_away_seconds, second.host_away_seconds) == (None, None)
    await world.handle(done(first), turned_away(second, code=code, refused=False))
    await seconds_pass(world, 60.0)
    (again,) = await world.dispatch()
    assert again.host_away_seconds is not None
    assert again.host_answered_url == first.url
