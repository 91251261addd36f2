"""The engine outlives its database, and whatever is cut off in the middle goes on from there."""

import asyncio
import random

import pytest

from deploy.local.testing import RunningServer
from services.status.jobs.runner import JobRunner
from shared.contract.events import ImageDone, ImageRequested
from shared.outcomes import Away
from tests.worlds.patience import DEADLINE_SECONDS, until
from tests.worlds.postgres.databases import new_database
from tests.worlds.services.engine_events import done, failed
from tests.worlds.services.engine_world import EngineWorld, open_engine


def answer(request: ImageRequested) -> ImageDone:
    return failed(request) if request.ordinal % 10 == 3 else done(request)


def products(count: int) -> list[list[str]]:
    return [[f"https://a/{number}.jpg", f"https://a/{number // 2}-twice.jpg"] for number in range(count)]


async def deliver(world: EngineWorld, asked: list[ImageRequested]) -> None:
    """What the runner does with a batch: again and again, until it is taken."""
    while True:
        try:
            return await world.handle(*map(answer, asked))
        except Away:
            await asyncio.sleep(0.05)


async def test_the_engine_goes_on_when_postgres_is_back(
    breakable_postgres: tuple[str, RunningServer],
) -> None:
    dsn, running = breakable_postgres
    async with open_engine(new_database(dsn)) as world:
        request_id = await world.accept(products(200))
        async with world.running():
            answering = asyncio.create_task(_answer_all(world))
            await until(lambda: len(world.producer.events(ImageRequested)) > 20)
            await asyncio.to_thread(running.stop)
            with pytest.raises(Away):
                await world.handle(*map(answer, world.producer.events(ImageRequested)[:1]))
            await until(lambda: "dispatcher" in world.health.reasons())
            running.start()
            await asyncio.to_thread(running.wait_until_ready)
            row = await world.until_ended(request_id)
            await until(lambda: not world.health.reasons())
            answering.cancel()
        assert (row["done"] + row["failed"], row["in_flight"]) == (400, 0)
        assert len(world.completions(request_id)) == 1


async def _answer_all(world: EngineWorld) -> None:
    position = 0
    while True:
        new = world.producer.events(ImageRequested)[position:]
        position += len(new)
        if new:
            await deliver(world, new)
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("seed", range(3))
async def test_wherever_a_process_is_cut_off_the_request_ends_once_with_the_same_rows(
    postgres: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.status.images.dispatching.dispatcher.UNSENT_SECONDS", 0.2)
    monkeypatch.setattr("services.status.jobs.publishing.UNSENT_SECONDS", 0.2)
    monkeypatch.setattr("services.status.records.rows.CHUNK_IMAGES", 40)
    monkeypatch.setattr("services.status.images.settling.repeats.STEP_IMAGES", 1)
    chance = random.Random(seed)
    database = new_database(postgres)
    asked: list[ImageRequested] = []
    told: list[bytes] = []
    async with open_engine(database) as world:
        request_id = await world.accept(products(150))
        store = world.store
    for life in range(200):
        async with open_engine(database, store=store) as world:
            # A crash is no orderly end: the jobs are cut off wherever they are, on a slow machine later.
            runners = [JobRunner(job, world.health, DEADLINE_SECONDS) for job in world.engine.jobs]
            jobs = [asyncio.create_task(runner(asyncio.Event())) for runner in runners]
            for _ in range(chance.randint(1, 6)):
                await asyncio.sleep(chance.random() / 20 * (1 + life / 10))
                # The topic outlives every process; answers come in any order, some twice.
                topic = [*asked, *world.producer.events(ImageRequested)]
                if topic:
                    await world.handle(*map(answer, chance.sample(topic, k=len(topic))))
            asked += world.producer.events(ImageRequested)
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            told += [message.value for message in world.completions(request_id)]
            if told:
                break
    async with open_engine(database, store=store) as world:
        row = await world.row(request_id)
        images = await world.images(request_id)
    assert row["state"] == "completed"
    assert [image["ordinal"] for image in images] == list(range(300))
    assert (row["done"], row["failed"], row["in_flight"]) == (
        sum(image["state"] == "done" for image in images),
        sum(image["state"] == "failed" for image in images),
        0,
    )
    assert len(set(told)) == 1
