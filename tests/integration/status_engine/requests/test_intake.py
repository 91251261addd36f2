"""An overflow: above the limit csv.accepted waits, and goes on by itself when enough has ended."""

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from services.status.requests import full_tenants as full_tenants_file
from services.status.requests import intake_limit
from services.status.requests.full_tenants import FullTenantsFile
from services.status.requests.intake_limit import Intake
from shared.contract.events import Topic
from shared.contract.keys import FULL_TENANTS_KEY
from shared.outcomes import Away
from shared.store import Tampered
from tests.integration.status_engine.asking import products
from tests.worlds.services.engine_events import done
from tests.worlds.services.engine_world import EngineWorld, empty, open_engine

MOST_IMAGES = 10
ALL_FOR_ONE: Mapping[str, Any] = {"max_backlog_images": MOST_IMAGES, "tenant_backlog_share": 1}


@pytest.fixture
async def world(database: str) -> AsyncIterator[EngineWorld]:
    async with open_engine(database, **ALL_FOR_ONE) as world:
        await empty(world.pool)
        yield world


@pytest.fixture
async def shared(database: str) -> AsyncIterator[EngineWorld]:
    """A tenant may have half of what may be open."""
    async with open_engine(database, max_backlog_images=MOST_IMAGES, tenant_backlog_share=0.5) as world:
        await empty(world.pool)
        yield world


def admits(world: EngineWorld) -> int:
    return world.engine.readers[Topic.CSV_ACCEPTED].admits()


async def test_nothing_is_accepted_before_it_is_known_how_much_is_open(world: EngineWorld) -> None:
    assert admits(world) == 0
    await world.step("intake")
    assert admits(world) == 1


async def test_too_many_open_images_hold_the_topic_until_enough_have_ended(world: EngineWorld) -> None:
    """R18"""
    await world.step("intake")
    request_id = uuid.uuid4()
    await world.accept(products(MOST_IMAGES - 1), request_id=request_id)
    assert admits(world) == 1
    await world.accept(products(MOST_IMAGES - 1), request_id=request_id)  # delivered again: counted once
    assert admits(world) == 1
    await world.accept(products(1))
    assert admits(world) == 0  # at once, not only after the next count
    await world.plan()
    asked = await world.dispatch()
    await world.handle(done(asked[0]))
    await world.step("intake")
    assert admits(world) == 0  # nine of ten is not enough less
    await world.handle(*map(done, asked[1:3]))
    await world.step("intake")
    assert admits(world) == 1


async def test_another_process_sees_what_is_open(world: EngineWorld, database: str) -> None:
    await world.step("intake")
    await world.accept(products(MOST_IMAGES))
    async with open_engine(database, **ALL_FOR_ONE) as twin:
        await twin.step("intake")
        assert admits(twin) == 0


async def test_one_tenant_alone_never_holds_the_topic(shared: EngineWorld) -> None:
    """R29: however many images it has, the uploads of others are taken."""
    await shared.step("intake")
    await shared.accept(products(5 * MOST_IMAGES), tenant="large")
    assert admits(shared) == 1
    await shared.step("intake")
    assert admits(shared) == 1
    await shared.accept(products(4), tenant="small")
    assert admits(shared) == 1
    await shared.accept(products(1), tenant="third")
    assert admits(shared) == 0


def full_tenants(world: EngineWorld) -> list[str]:
    names: list[str] = json.loads(world.store.objects[FULL_TENANTS_KEY])["tenants"]
    return names


async def test_ingest_is_told_who_has_a_share_and_when_that_is_over(shared: EngineWorld) -> None:
    """R29"""
    await shared.step("full tenants")
    await shared.step("intake")
    await shared.step("full tenants")
    assert FULL_TENANTS_KEY not in shared.store.objects
    await shared.accept(products(4), tenant="small")
    await shared.accept(products(5), tenant="large")
    await shared.step("full tenants")
    assert full_tenants(shared) == ["large"]
    await shared.plan()
    asked = [each for each in await shared.dispatch() if each.ordinal < 1]
    await shared.handle(*map(done, asked))
    await shared.step("intake")
    await shared.step("full tenants")
    assert full_tenants(shared) == []


async def test_what_another_process_has_told_ingest_is_mended(shared: EngineWorld) -> None:
    """It may have written what was true a moment ago."""
    await shared.step("intake")
    await shared.accept(products(5), tenant="large")
    await shared.step("full tenants")
    shared.store.objects[FULL_TENANTS_KEY] = b'{"tenants": []}'
    await shared.step("full tenants")
    assert full_tenants(shared) == ["large"]


async def test_a_process_without_work_looks_now_and_then_what_another_has_told_ingest(
    shared: EngineWorld,
) -> None:
    """Which may be gone. While nobody has a share the store is not asked all the time."""
    now = 100.0
    intake = Intake(pool=shared.pool, most_images=MOST_IMAGES, tenant_share=0.5, clock=lambda: now)
    file = FullTenantsFile(shared.store, intake, clock=lambda: now)
    never = asyncio.Event()
    await intake.step(never)
    await file.step(never)
    shared.store.objects[FULL_TENANTS_KEY] = b'{"tenants": ["gone"]}'
    await file.step(never)
    assert full_tenants(shared) == ["gone"]
    now += full_tenants_file.REST_SECONDS
    await file.step(never)
    assert full_tenants(shared) == []
    intake.add({"large": MOST_IMAGES})
    await file.step(never)
    assert full_tenants(shared) == ["large"]


async def test_while_nothing_is_open_it_is_seldom_counted_what_other_processes_accepted(
    shared: EngineWorld,
) -> None:
    now = 100.0
    intake = Intake(pool=shared.pool, most_images=MOST_IMAGES, tenant_share=1, clock=lambda: now)
    never = asyncio.Event()
    await intake.step(never)
    await shared.accept(products(4), tenant="of another")
    await intake.step(never)
    assert dict(intake.images_left()) == {}
    now += intake_limit.REST_SECONDS
    await intake.step(never)
    assert dict(intake.images_left()) == {"of another": 4}
    await shared.accept(products(3), tenant="one more")
    await intake.step(never)
    assert dict(intake.images_left()) == {"of another": 4, "one more": 3}


async def test_what_is_said_holds_until_a_tenth_is_done_whoever_said_it(
    world: EngineWorld, database: str
) -> None:
    """Else two processes, one of which saw the tenant reach its share, would write in turns."""
    async with open_engine(database, max_backlog_images=4 * MOST_IMAGES, tenant_backlog_share=0.5) as twin:
        await twin.step("intake")
        await twin.accept(products(2 * MOST_IMAGES - 2), tenant="large")
        await twin.step("full tenants")
        assert FULL_TENANTS_KEY not in twin.store.objects
        twin.store.objects[FULL_TENANTS_KEY] = b'{"tenants": ["large"]}'
        await twin.step("full tenants")
        assert full_tenants(twin) == ["large"]


@pytest.mark.parametrize("reason", [Tampered("cut"), Away("store", "no key opens it")])
async def test_what_nobody_can_read_any_more_is_written_anew(
    shared: EngineWorld, monkeypatch: pytest.MonkeyPatch, reason: Exception
) -> None:
    async def get(_: str) -> bytes:
        raise reason

    monkeypatch.setattr(shared.store, "get", get)
    await shared.step("intake")
    await shared.step("full tenants")
    assert full_tenants(shared) == []
