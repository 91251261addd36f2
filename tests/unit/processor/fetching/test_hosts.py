"""The gate of one host: fewer requests while it is overloaded, none while it does not answer."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import pytest

from services.processor.fetching.host_gate import (
    AWAY_IN_A_ROW,
    AWAY_REST_SECONDS,
    COMES_AGAIN_SECONDS,
    CUT_OFF,
    DOUBT_SECONDS,
    REFUSES_SECONDS,
    SILENT_IN_A_ROW,
    WAIT_SECONDS,
    WAITING_SECONDS,
    HostGate,
)
from services.processor.fetching.host_gates import Host, HostGates
from services.processor.fetching.host_width import FIRST, HostWidth
from services.processor.verdicts import Failure, NotNow
from shared.contract.codes import Code, FailureCode, http_code
from shared.testing.fakes import FakeClock
from tests.worlds.patience import DEADLINE_SECONDS

SHOP = ("https", "shop.example", 443)
OTHER = ("https", "other.example", 443)
TIMED_OUT = Failure(FailureCode.TIMED_OUT)
AN_HOUR = Failure(http_code(429), retry_after_seconds=3_600)
UNDER_WAY = 64  # images, as in the processor's settings
BETWEEN_SECONDS = 5.0  # one request has its turn at any rate


async def visit(gates: HostGates, failure: Failure | None = None) -> Failure | NotNow | None:
    async with gates.passage(SHOP) as passage:
        if passage.refusal is None:
            passage.end(failure)
        return passage.refusal


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


async def come_to_rest() -> None:
    """Whoever can go on has."""
    for _ in range(5):
        await asyncio.sleep(0)


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
    gates = HostGates(limit=1, under_way=UNDER_WAY)
    async with gates.passage(SHOP), asyncio.timeout(DEADLINE_SECONDS), gates.passage(OTHER) as passage:
        assert passage.refusal is None


@pytest.mark.parametrize(
    "code", [FailureCode.TIMED_OUT, FailureCode.TOO_SLOW, http_code(429), http_code(503)]
)
def test_overload_halves_what_is_let_in_and_answers_grow_it_back(code: Code) -> None:
    gate = HostGate(width=HostWidth(limit=4))
    gate.learn(Failure(code), 9.9, 10.0)
    assert gate.width.allowed == FIRST / 2
    for _ in range(100):
        gate.learn(None, 11.9, 12.0)
    assert gate.width.allowed == 4


@pytest.mark.parametrize("code", sorted(CUT_OFF))
def test_a_host_that_cuts_requests_off_gets_fewer_and_none_for_a_moment(code: Code) -> None:
    gate = HostGate(width=HostWidth(limit=4))
    gate.learn(None, 9.0, 9.5)
    gate.learn(None, 9.0, 9.5)
    gate.learn(Failure(code), 9.9, 10.0)
    assert gate.width.allowed == 2
    assert not gate.has_room(10.4)
    assert gate.has_room(10.5)


@pytest.mark.parametrize("code", [http_code(500), FailureCode.NOT_AN_IMAGE])
def test_failures_that_are_no_overload_change_nothing(code: Code) -> None:
    gate = HostGate(width=HostWidth(limit=4))
    gate.learn(Failure(code), 9.9, 10.0)
    assert gate.width.allowed == FIRST


@pytest.mark.parametrize("status", [301, 403, 404, 410])
def test_a_host_that_has_none_of_its_pictures_any_more_is_asked_for_as_many_at_once_as_any(
    status: int,
) -> None:
    """Ten thousand addresses of a shop that has moved took twelve times as long to fail."""
    gate = HostGate(width=HostWidth(limit=24))
    for _ in range(24):
        gate.learn(Failure(http_code(status)), 9.9, 10.0)
    assert gate.width.allowed == 24


@pytest.mark.parametrize(("code", "rest_seconds"), AWAY_REST_SECONDS.items())
async def test_a_host_that_is_away_ten_times_in_a_row_is_refused_at_once_and_tried_again_later(
    code: Code, rest_seconds: float
) -> None:
    clock, away = FakeClock(), Failure(code)
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    assert await visit(gates, None) is None
    for _ in range(AWAY_IN_A_ROW):
        assert await visit(gates, away) is None
    assert await visit(gates) == NotNow(retry_after_seconds=rest_seconds, code=code)
    clock.now += rest_seconds
    assert await visit(gates, away) is None
    assert await visit(gates) == Failure(code, "this host is given a rest", rest_seconds)
    clock.now += rest_seconds
    assert await visit(gates, None) is None
    assert await visit(gates, None) is None


@pytest.mark.parametrize("code", AWAY_REST_SECONDS)
async def test_no_image_fails_by_a_rest_before_a_request_that_was_sent_alone_has(code: Code) -> None:
    """Ten that are away at once may have been in one another's way there."""
    clock, away = FakeClock(), Failure(code)
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    assert await visit(gates, None) is None
    for _ in range(3):
        for _ in range(AWAY_IN_A_ROW):
            assert await visit(gates, away) is None
        assert isinstance(await visit(gates), NotNow)
        clock.now += AWAY_REST_SECONDS[code]
        assert await visit(gates, None) is None


def test_what_was_sent_before_a_rest_and_ends_in_it_was_not_sent_alone() -> None:
    gate = HostGate(width=HostWidth(limit=24))
    for _ in range(24):
        gate.learn(TIMED_OUT, 0.0, 10.0)
    assert isinstance(gate.refusal(10.0), NotNow)


@pytest.mark.parametrize("code", AWAY_REST_SECONDS)
async def test_a_host_that_never_answered_is_given_up_after_few_time_outs(code: Code) -> None:
    """Each of them took its ten seconds; a name or a connection that fails costs nothing."""
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=FakeClock())
    for _ in range(SILENT_IN_A_ROW):
        assert await visit(gates, Failure(code)) is None
    assert (await visit(gates) is None) == (code is not FailureCode.TIMED_OUT)


async def test_one_answer_between_time_outs_keeps_a_host_open() -> None:
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=FakeClock())
    assert await visit(gates, Failure(http_code(404))) is None
    for _ in range(5):
        for _ in range(AWAY_IN_A_ROW - 1):
            assert await visit(gates, TIMED_OUT) is None
        assert await visit(gates, None) is None


async def test_one_url_that_asks_for_an_hour_does_not_close_its_host_for_the_others() -> None:
    clock = FakeClock()
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    for _ in range(3):
        assert await visit(gates, AN_HOUR) is None
        clock.now += DOUBT_SECONDS
        assert await visit(gates, None) is None
        clock.now += BETWEEN_SECONDS


@pytest.mark.parametrize(
    "answer", [None, Failure(http_code(404)), Failure(http_code(500)), Failure(FailureCode.TOO_LARGE)]
)
async def test_an_ordinary_answer_forgets_a_wish_for_a_long_rest(answer: Failure | None) -> None:
    clock = FakeClock()
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    for _ in range(2):
        assert await visit(gates, AN_HOUR) is None
        clock.now += DOUBT_SECONDS
        assert await visit(gates, answer) is None
        clock.now += BETWEEN_SECONDS


@pytest.mark.parametrize(
    "no_answer", [TIMED_OUT, Failure(FailureCode.CONNECTION_LOST), Failure(http_code(503))]
)
async def test_no_answer_and_no_room_leave_a_wish_for_a_long_rest_as_it_is(no_answer: Failure) -> None:
    clock = FakeClock()
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    assert await visit(gates, AN_HOUR) is None
    clock.now += DOUBT_SECONDS
    assert await visit(gates, no_answer) is None
    clock.now += BETWEEN_SECONDS
    assert await visit(gates, AN_HOUR) is None
    assert await visit(gates) is not None
    clock.now += DOUBT_SECONDS
    assert await visit(gates) is not None


async def test_requests_that_were_sent_at_once_count_as_one_wish_for_a_long_rest() -> None:
    clock = FakeClock()
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    async with gates.passage(SHOP) as first, gates.passage(SHOP) as second:
        first.end(AN_HOUR)
        second.end(AN_HOUR)
    clock.now += DOUBT_SECONDS
    assert await visit(gates, None) is None


async def test_a_long_retry_after_told_twice_is_passed_on_at_once_with_the_hosts_own_code() -> None:
    clock = FakeClock()
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    await visit(gates, AN_HOUR)
    clock.now += DOUBT_SECONDS
    await visit(gates, Failure(http_code(503), retry_after_seconds=WAIT_SECONDS + 70))
    clock.now += 10
    assert await visit(gates) == NotNow(retry_after_seconds=WAIT_SECONDS + 60, code=http_code(503))


async def test_a_short_retry_after_is_waited_for() -> None:
    loop = asyncio.get_running_loop()
    gates = HostGates(limit=24, under_way=UNDER_WAY)
    await visit(gates, Failure(http_code(429), retry_after_seconds=0.2))
    started = loop.time()
    assert await visit(gates) is None
    assert loop.time() - started >= 0.19


TOO_MANY = Failure(http_code(429))


async def test_a_host_that_refused_is_asked_evenly_and_who_would_wait_long_comes_again() -> None:
    clock = FakeClock()
    gates = HostGates(limit=24, under_way=UNDER_WAY, clock=clock)
    for _ in range(9):
        assert await visit(gates) is None
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

    async def ask(host: Host, failure: Failure | None = None) -> None:
        async with gates.passage(host) as passage:
            if passage.refusal is None:
                passage.end(failure)

    for host in hosts:
        await ask(host, TOO_MANY)
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
        async with gates.passage(host) as passage:
            passage.end(TOO_MANY)
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


async def test_only_an_hour_of_refusals_is_a_failure() -> None:
    """R09"""
    clock = FakeClock()
    gates, began, ends = HostGates(limit=24, under_way=UNDER_WAY, clock=clock), clock.now, []
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


async def test_a_cancelled_wait_leaves_its_place_to_the_next() -> None:
    gates = HostGates(limit=1, under_way=UNDER_WAY)
    async with gates.passage(SHOP) as passage:
        waiting = [asyncio.create_task(visit(gates)) for _ in range(2)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        passage.end(None)
    assert await waiting[1] is None


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
    await visit(gates, Failure(http_code(429), retry_after_seconds=20))
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
