"""Who has a place at a host now, and who waits for one."""

import asyncio

import pytest

from services.processor.fetching.host_codes import AWAY_REST_SECONDS
from services.processor.fetching.host_gate import COMES_AGAIN_SECONDS, SILENT_IN_A_ROW, WAIT_SECONDS
from services.processor.fetching.host_gates import HostGates
from services.processor.verdicts import NotNow
from shared.contract.codes import FailureCode
from shared.testing.fakes import FakeClock
from tests.worlds.hosts.visits import SHOP, TIMED_OUT, UNDER_WAY, come_to_rest, visit
from tests.worlds.patience import DEADLINE_SECONDS


async def test_no_more_than_the_limit_are_let_in_at_once() -> None:
    gates = HostGates(limit=3, under_way=UNDER_WAY)
    inside = most = 0

    async def one() -> None:
        nonlocal inside, most
        async with gates.passage(SHOP) as passage:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.001)
            inside -= 1
            passage.end(None)

    await asyncio.gather(*(one() for _ in range(30)))
    assert (most, inside) == (3, 0)


async def test_who_waits_at_a_full_host_goes_on_when_a_request_ends_and_not_at_the_next_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("services.processor.fetching.host_gates.LOOK_EVERY_SECONDS", 3_600.0)
    gates = HostGates(limit=1, under_way=UNDER_WAY)
    async with gates.passage(SHOP):
        waiting = asyncio.create_task(visit(gates))
        await come_to_rest()
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert await waiting is None


async def test_who_comes_as_a_request_ends_does_not_overtake_one_who_waits() -> None:
    gates, order = HostGates(limit=1, under_way=UNDER_WAY), []

    async def one(name: str) -> None:
        async with gates.passage(SHOP):
            order.append(name)

    async with gates.passage(SHOP):
        waiting = asyncio.create_task(one("first"))
        await come_to_rest()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await one("second")
        await waiting
    assert order == ["first", "second"]


async def test_who_was_refused_held_no_place_and_leaves_none() -> None:
    """Else the host would get more requests at once than its limit, for each that was refused one more."""
    clock = FakeClock()
    gates = HostGates(limit=1, under_way=UNDER_WAY, clock=clock)
    for _ in range(SILENT_IN_A_ROW):
        await visit(gates, TIMED_OUT)
    for _ in range(3):
        assert isinstance(await visit(gates), NotNow)
    clock.now += AWAY_REST_SECONDS[FailureCode.TIMED_OUT]
    async with gates.passage(SHOP):
        another = asyncio.create_task(visit(gates))
        await come_to_rest()
        assert not another.done()
        another.cancel()


async def test_a_full_host_does_not_hold_up_another() -> None:
    another = ("https", "other.example", 443)
    gates = HostGates(limit=1, under_way=UNDER_WAY)
    async with gates.passage(SHOP), asyncio.timeout(DEADLINE_SECONDS), gates.passage(another) as passage:
        assert passage.refusal is None


async def test_who_found_no_turn_at_a_busy_host_comes_again_and_has_not_failed() -> None:
    """R29: it is busy with our own requests."""
    clock = FakeClock()
    gates = HostGates(limit=1, under_way=UNDER_WAY, clock=clock)
    async with gates.passage(SHOP) as passage:
        waiting = asyncio.create_task(visit(gates))
        await asyncio.sleep(0)
        clock.now += WAIT_SECONDS
        assert await waiting == NotNow(retry_after_seconds=COMES_AGAIN_SECONDS)
        passage.end(None)


async def test_a_cancelled_wait_leaves_its_place_to_the_next() -> None:
    gates = HostGates(limit=1, under_way=UNDER_WAY)
    async with gates.passage(SHOP) as passage:
        waiting = [asyncio.create_task(visit(gates)) for _ in range(2)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        passage.end(None)
    assert await waiting[1] is None
