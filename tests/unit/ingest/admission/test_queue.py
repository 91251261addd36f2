"""Requests are let in while few wait, refused while many do, and let in again by themselves."""

import asyncio

import pytest
from structlog.testing import CapturingLogger

from services.ingest.admission import queue as admission_queue
from services.ingest.admission.queue import RequestQueue
from shared.observing import contact
from shared.observing.logs import Action
from shared.testing.fakes import FakeLag
from shared.web.problems import Problem
from tests.worlds.patience import DEADLINE_SECONDS


def is_open(queue: RequestQueue) -> bool:
    try:
        queue.require_room()
    except Problem:
        return False
    return True


@pytest.mark.parametrize(("waiting", "is_let_in"), [(0, True), (5, True), (6, False), (1_000, False)])
async def test_the_limit_is_what_may_wait(waiting: int, *, is_let_in: bool) -> None:
    """R18"""
    queue = RequestQueue(FakeLag(waiting), max_waiting=5)
    await queue.look()
    assert is_open(queue) is is_let_in


async def test_what_was_accepted_since_the_last_look_counts_too() -> None:
    lag = FakeLag(3)
    queue = RequestQueue(lag, max_waiting=5)
    await queue.look()
    taken = 0
    while is_open(queue):
        queue.count_accepted()
        taken += 1
    assert taken == 3
    lag.waiting = 5
    await queue.look()
    assert is_open(queue)


async def test_a_lag_that_cannot_be_read_refuses_nobody() -> None:
    lag = FakeLag(100)
    queue = RequestQueue(lag, max_waiting=5)
    await queue.look()
    assert not is_open(queue)
    lag.away = True
    await queue.look()
    assert is_open(queue)


async def test_a_lag_that_cannot_be_read_is_told_once_and_once_when_it_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R21: without the right to describe the group uploads were refused by no queue, and nothing said so."""
    said = CapturingLogger()
    monkeypatch.setattr(contact, "log", said)
    lag = FakeLag(100, away=True)
    queue = RequestQueue(lag, max_waiting=5)
    await queue.look()
    await queue.look()
    lag.away = False
    await queue.look()
    assert [call.args for call in said.calls] == [(Action.DEPENDENCY_AWAY,), (Action.DEPENDENCY_BACK,)]
    assert said.calls[0].kwargs == {"work": "queue", "dependency": "broker", "reason": "the fake is away"}


async def test_it_looks_until_it_is_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission_queue, "LOOK_EVERY_SECONDS", 0.01)
    lag, stopping = FakeLag(100), asyncio.Event()
    queue = RequestQueue(lag, max_waiting=5)
    watching = asyncio.create_task(queue.watch(stopping))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while is_open(queue):
            await asyncio.sleep(0.01)
        lag.waiting = 0
        while not is_open(queue):
            await asyncio.sleep(0.01)
        stopping.set()
        await watching


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


class CountedLag(FakeLag):
    looks = 0

    async def read(self) -> int:
        self.looks += 1
        return await super().read()


async def test_it_rests_while_nothing_waits_and_nobody_uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Again, too, once what was accepted has been taken."""

    async def no_beat_or_for_ever(event: asyncio.Event, seconds: float) -> None:
        await (event.wait() if seconds == admission_queue.REST_SECONDS else asyncio.sleep(0))

    monkeypatch.setattr(admission_queue, "wait_for_beat", no_beat_or_for_ever)
    lag, stopping = CountedLag(0), asyncio.Event()
    queue = RequestQueue(lag, max_waiting=5)
    watching = asyncio.create_task(queue.watch(stopping))
    await turns()
    assert lag.looks == 1
    lag.waiting = 100
    queue.count_accepted()
    await turns()
    assert not is_open(queue)
    assert lag.looks > 2
    lag.waiting = 0
    await turns()
    assert is_open(queue)
    looks = lag.looks
    await turns()
    assert lag.looks == looks
    stopping.set()
    await watching


async def test_a_rest_ends_where_it_is_told_to_stop() -> None:
    stopping = asyncio.Event()
    watching = asyncio.create_task(RequestQueue(FakeLag(0), max_waiting=5).watch(stopping))
    await turns()
    stopping.set()
    await turns()
    assert watching.done()
