"""Which hosts a processor remembers, and what that costs a request."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import pytest

from services.processor.fetching.host_gate import SILENT_IN_A_ROW
from services.processor.fetching.host_gates import Host, HostGates
from services.processor.verdicts import Failure, NotNow
from shared.contract.codes import http_code
from shared.testing.fakes import FakeClock
from tests.worlds.hosts.visits import SHOP, TIMED_OUT, UNDER_WAY, come_to_rest, visit, visit_until_heeded


async def test_the_table_of_hosts_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.processor.fetching.host_gates.MAX_HOSTS", 10)
    gates = HostGates(limit=2, under_way=UNDER_WAY)
    for number in range(100):
        async with gates.passage(("http", f"h{number}", 80)) as passage:
            passage.end(None)
    assert len(gates._gates) <= 11


async def many_others(gates: HostGates) -> None:
    for number in range(10):
        async with gates.passage(("http", f"h{number}", 80)) as passage:
            passage.end(None)


async def test_a_host_that_is_being_asked_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.processor.fetching.host_gates.MAX_HOSTS", 1)
    gates = HostGates(limit=1, under_way=UNDER_WAY)
    async with gates.passage(SHOP):
        await many_others(gates)
        another = asyncio.create_task(visit(gates))
        await come_to_rest()
        assert not another.done()
        another.cancel()


async def test_nor_is_one_before_which_somebody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.processor.fetching.host_gates.MAX_HOSTS", 1)
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=FakeClock())
    await visit_until_heeded(gates, Failure(http_code(429), retry_after_seconds=20))
    waiting = [asyncio.create_task(visit(gates))]
    await come_to_rest()
    await many_others(gates)
    waiting.append(asyncio.create_task(visit(gates)))
    await come_to_rest()
    assert not any(each.done() for each in waiting)
    for each in waiting:
        each.cancel()


async def test_nor_is_one_that_was_asked_later_than_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.processor.fetching.host_gates.MAX_HOSTS", 3)
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=FakeClock())
    for _ in range(SILENT_IN_A_ROW):
        await visit(gates, TIMED_OUT)
    for number in range(10):
        async with gates.passage(("http", f"h{number}", 80)) as passage:
            passage.end(None)
        assert isinstance(await visit(gates), NotNow)


class WatchedTable(OrderedDict[Host, Any]):
    """Counts how many of its keys somebody walks over."""

    walked = 0

    def __iter__(self) -> Iterator[Host]:
        for host in super().__iter__():
            self.walked += 1
            yield host


async def test_a_request_does_not_walk_over_all_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.processor.fetching.host_gates.MAX_HOSTS", 100)
    gates = HostGates(limit=2, under_way=UNDER_WAY)
    gates._gates = table = WatchedTable()
    for number in range(200):
        async with gates.passage(("http", f"h{number}", 80)) as passage:
            passage.end(None)
    assert len(table) <= 101
    assert table.walked <= 200
