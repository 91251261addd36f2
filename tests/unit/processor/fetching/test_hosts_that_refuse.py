"""A host that takes so many requests a second: its images wait or come again, and fail only after long."""

import asyncio

from services.processor.fetching.host_gate import REFUSES_SECONDS, WAITING_SECONDS, HostGate, Sent
from services.processor.fetching.host_gates import Host, HostGates
from services.processor.fetching.host_rates import FEW_OF
from services.processor.fetching.host_width import HostWidth
from services.processor.verdicts import Failure, NotNow
from shared.contract.codes import http_code
from shared.testing.fakes import FakeClock
from tests.worlds.hosts.visits import SHOP, UNDER_WAY, come_to_rest, visit, visit_until_heeded
from tests.worlds.patience import DEADLINE_SECONDS

TOO_MANY = Failure(http_code(429))


async def test_a_host_that_refuses_one_in_ten_is_asked_on_and_each_of_those_comes_when_it_was_told_to() -> (
    None
):
    """It was asked once in five seconds, for it refused at any rate."""
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=FakeClock())
    for _ in range(100):
        async with gates.passage(SHOP) as passage:
            refused = passage.end(Failure(http_code(503), retry_after_seconds=20))
        assert refused == NotNow(retry_after_seconds=20, code=http_code(503), was_refused=True)
        for _ in range(9):
            assert await visit(gates) is None


def test_one_that_refuses_more_than_a_few_is_heeded() -> None:
    gate, refusals = HostGate(width=HostWidth(limit=24)), 0
    for _ in range(100):
        gate.end(None, Sent(9.0, 1), 9.5)
    while gate.has_room(10.0):
        gate.end(TOO_MANY, Sent(9.9, 1), 10.0)
        refusals += 1
    assert 1 < refusals < FEW_OF / 2


async def test_a_short_retry_after_is_waited_for() -> None:
    loop = asyncio.get_running_loop()
    gates = HostGates(limit=24, under_way=UNDER_WAY)
    await visit_until_heeded(gates, Failure(http_code(429), retry_after_seconds=0.2))
    started = loop.time()
    assert await visit(gates) is None
    assert loop.time() - started >= 0.19


async def test_a_host_that_refused_is_asked_evenly_and_who_would_wait_long_comes_again() -> None:
    clock = FakeClock()
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    for _ in range(9):
        assert await visit(gates) is None
    for _ in range(7):
        assert await visit(gates, TOO_MANY) is None  # about seven a second is what is left
    waiting = [asyncio.create_task(visit(gates)) for _ in range(30)]
    for _ in range(5):
        await asyncio.sleep(0)
    away = [each.result() for each in waiting if each.done()]
    assert 10 < len(away) < 20
    assert all(isinstance(each, NotNow) and each.code == "http_429" for each in away)
    moments = [each.retry_after_seconds for each in away if isinstance(each, NotNow)]
    assert len(set(moments)) == len(moments)
    for each in waiting:
        each.cancel()


async def test_no_more_than_a_third_of_the_images_wait_for_hosts_that_refuse() -> None:
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=FakeClock())
    hosts = [("https", f"{number}.example", 443) for number in range(30)]

    async def ask(host: Host) -> None:
        async with gates.passage(host):
            pass

    for host in hosts:
        await visit_until_heeded(gates, TOO_MANY, host)
    waiting = [asyncio.create_task(ask(host)) for host in hosts]
    for _ in range(5):
        await asyncio.sleep(0)
    assert sum(not each.done() for each in waiting) == UNDER_WAY // 3 == 21
    for each in waiting:
        each.cancel()


async def test_a_crowd_at_hosts_that_refuse_sends_nobody_away_who_waits_at_another() -> None:
    gates = HostGates(limit=1, under_way=UNDER_WAY, clock=FakeClock())
    waiting: list[asyncio.Task[object]] = []
    for number in range(UNDER_WAY):
        host = ("https", f"{number}.example", 443)
        await visit_until_heeded(gates, TOO_MANY, host)
        waiting.append(asyncio.create_task(gates.passage(host).__aenter__()))
    async with gates.passage(SHOP):
        waiting.append(asyncio.create_task(visit(gates)))
        await come_to_rest()
        assert not waiting[-1].done()
    for each in waiting:
        each.cancel()


async def test_who_waits_at_a_host_that_begins_to_refuse_makes_room_for_others() -> None:
    clock = FakeClock()
    gates = HostGates(limit=1, under_way=UNDER_WAY, clock=clock)
    async with gates.passage(SHOP) as passage:
        waiting = [asyncio.create_task(visit(gates)) for _ in range(40)]
        await asyncio.sleep(0)
        passage.end(TOO_MANY)
    async with asyncio.timeout(DEADLINE_SECONDS):
        while sum(not each.done() for each in waiting) > WAITING_SECONDS:
            await asyncio.sleep(0.01)
    for each in waiting:
        each.cancel()


async def test_only_an_hour_of_refusals_is_a_failure() -> None:
    """R09"""
    clock = FakeClock()
    gates, began, ends = HostGates(limit=24, under_way=UNDER_WAY, clock=clock), clock.now, []
    await visit_until_heeded(gates, TOO_MANY)
    clock.now += 60
    while clock.now - began < REFUSES_SECONDS + 60:
        async with gates.passage(SHOP) as passage:
            assert passage.refusal is None
            ends.append((clock.now - began, passage.end(TOO_MANY)))
        clock.now += 60
    for seconds, end in ends:
        assert isinstance(end, Failure if seconds >= REFUSES_SECONDS else NotNow), seconds


async def test_a_host_that_nobody_asked_meanwhile_has_not_refused() -> None:
    clock = FakeClock()
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    for _ in range(3):
        async with gates.passage(SHOP) as passage:
            assert isinstance(passage.end(TOO_MANY), NotNow)
        clock.now += REFUSES_SECONDS


async def test_a_503_without_a_retry_after_is_a_failure_as_before() -> None:
    async with HostGates(limit=24, under_way=UNDER_WAY).passage(SHOP) as passage:
        assert passage.end(Failure(http_code(503))) == Failure(http_code(503))
