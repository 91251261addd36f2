"""What the answers of processors tell beside their images: that somebody answers, and how long they take."""

from tests.worlds.services.engine_events import done, failed, stale
from tests.worlds.services.engine_world import EngineWorld


async def test_an_answer_that_changes_nothing_still_says_that_somebody_answers(world: EngineWorld) -> None:
    """R18: while nobody answers, no lost image is taken back."""
    await world.accept([["https://a/1.jpg"]])
    await world.plan()
    (asked,) = await world.dispatch()
    await world.handle(done(asked))
    await world.pool.execute("UPDATE answers SET answered_at = now() - interval '1 day'")
    await world.handle(done(asked))
    row = await world.pool.fetchrow(
        "SELECT sum(images) AS images, min(answered_at) > now() - interval '1 hour' AS is_new FROM answers"
    )
    assert row is not None
    assert (row["images"], row["is_new"]) == (2, True)


async def test_only_what_ends_well_while_it_is_out_tells_how_long_images_are_out(world: EngineWorld) -> None:
    """R22: by that a request's share of the window is reckoned."""
    await world.accept([[f"https://a/{number}.jpg"] for number in range(3)])
    await world.plan()
    well, badly, late = await world.dispatch()
    await world.pool.execute("UPDATE images SET take_by = take_by - interval '1 day'")
    await world.handle(done(well), failed(badly), stale(late))
    await world.handle(done(well), done(late))
    row = await world.pool.fetchrow(
        "SELECT sum(images) AS images, sum(succeeded) AS succeeded, sum(out_seconds) AS seconds FROM answers"
    )
    assert row is not None
    assert (row["images"], row["succeeded"]) == (5, 1)
    assert 86_400 <= row["seconds"] < 1.5 * 86_400
