"""What one tenant's requests cost another's, counted in turns and in images asked for, not in seconds."""

from collections.abc import AsyncIterator

import pytest

from tests.engine_world import EngineWorld, empty, open_engine
from tests.status_world import new_database


@pytest.fixture(scope="module")
def database(postgres: str) -> str:
    return new_database(postgres)


@pytest.fixture
async def world(database: str) -> AsyncIterator[EngineWorld]:
    async with open_engine(database) as world:
        await empty(world.pool)
        yield world


def products(count: int) -> list[list[str]]:
    return [[f"https://a/{number}.jpg"] for number in range(count)]


async def steps_until(world: EngineWorld, jobs: list[str], ended: str) -> int:
    """How many steps these jobs take, in turn, until the query is true."""
    for steps in range(100):
        if await world.pool.fetchval(ended):
            return steps
        await world.step(jobs[steps % len(jobs)])
    raise AssertionError(ended)


@pytest.mark.parametrize(("crowd", "single"), [("a", "b"), ("b", "a")])
async def test_a_crowd_of_small_requests_does_not_hold_up_another_tenants_planning(
    world: EngineWorld, crowd: str, single: str
) -> None:
    """R12"""
    for _ in range(50):
        await world.accept(products(1), tenant=crowd)
    await world.step("planner (small)")
    await world.accept(products(10), tenant=single)
    jobs = ["planner (small)", "planner (medium)", "planner (any)"]
    planned = f"SELECT planned_at IS NOT NULL FROM requests WHERE tenant = '{single}'"
    assert await steps_until(world, jobs, planned) <= 2


@pytest.mark.parametrize(("crowd", "single"), [("a", "b"), ("b", "a")])
async def test_a_crowd_of_small_requests_does_not_hold_up_another_tenants_end(
    world: EngineWorld, crowd: str, single: str
) -> None:
    """R12"""
    for _ in range(50):
        await world.accept(products(1), tenant=crowd)
    await world.accept(products(10), tenant=single)
    await world.plan()
    await world.pool.execute("UPDATE requests SET done = images")
    await world.step("completer (small)")
    jobs = ["completer (small)", "completer (medium)", "completer (any)"]
    completed = f"SELECT completed_at IS NOT NULL FROM requests WHERE tenant = '{single}'"
    assert await steps_until(world, jobs, completed) <= 2


async def test_within_a_tenant_the_smallest_request_is_planned_first(world: EngineWorld) -> None:
    for count in (9, 3, 6):
        await world.accept(products(count))
    while await world.step("planner (any)"):
        pass
    order = await world.pool.fetch("SELECT images FROM requests ORDER BY planned_at")
    assert [row["images"] for row in order] == [3, 6, 9]
