"""A job outlives its dependencies and its own mistakes, and ends when it is told."""

import asyncio

import pytest
from structlog.testing import CapturingLogger

from services.status.jobs import runner
from services.status.jobs.job import POLL_SECONDS, Job, Signal
from services.status.jobs.runner import JobRunner
from services.status.jobs.wakes import Wakes, Work
from services.status.postgres.pool import STATEMENT_SECONDS
from shared.kafka.producer import PUBLISH_SECONDS
from shared.observing import contact
from shared.observing.health import Health
from shared.observing.logs import Action
from shared.outcomes import Away, Refused
from shared.store.bucket import STORE_TIMEOUT_SECONDS
from tests.worlds.loops import LOOPS, MakeLoop, run
from tests.worlds.patience import DEADLINE_SECONDS


@pytest.fixture(autouse=True)
def short_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked is whether a job goes on, not when."""
    monkeypatch.setattr(runner, "AWAY_SECONDS", 0.01)
    monkeypatch.setattr(runner, "FAILED_SECONDS", 0.01)


async def test_a_job_goes_on_after_a_dependency_was_away_and_after_a_bug() -> None:
    stopping, health = asyncio.Event(), Health()
    happenings = [Away("database", "gone"), RuntimeError("a bug"), None]
    reasons: list[dict[str, str]] = []

    async def step(_: asyncio.Event) -> bool:
        reasons.append(health.reasons())
        if (happening := happenings.pop(0)) is not None:
            raise happening
        stopping.set()
        return False

    async with asyncio.timeout(DEADLINE_SECONDS):
        await JobRunner(Job(name="planner", step=step), health, DEADLINE_SECONDS)(stopping)
    assert reasons == [{}, *[{"planner": "database is away: gone"}] * 2]
    assert health.reasons() == {}


async def test_a_refusal_of_the_store_is_told_once_and_is_neither_a_bug_nor_an_outage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    logger = CapturingLogger()
    monkeypatch.setattr(contact, "log", logger)
    monkeypatch.setattr(runner, "log", logger)
    stopping, health, reasons = asyncio.Event(), Health(), list[dict[str, str]]()
    happenings = [Away("store", "gone"), None, *[Refused("400: MethodNotAllowed")] * 3, None]

    async def step(_: asyncio.Event) -> bool:
        reasons.append(health.reasons())
        happening = happenings.pop(0)
        if not happenings:
            stopping.set()
        if happening is not None:
            raise happening
        return True

    async with asyncio.timeout(DEADLINE_SECONDS):
        await JobRunner(Job(name="unknown files", step=step), health, DEADLINE_SECONDS)(stopping)
    assert [(call.args[0], call.kwargs.get("reason")) for call in logger.calls] == [
        (Action.DEPENDENCY_AWAY, "gone"),
        (Action.DEPENDENCY_BACK, None),
        (Action.DEPENDENCY_AWAY, "400: MethodNotAllowed"),
        (Action.DEPENDENCY_BACK, None),
    ]
    assert [each for each in reasons if each] == [{"unknown files": "store is away: gone"}]


async def test_a_store_that_is_back_and_refuses_leaves_the_job_ready_and_is_told_with_its_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The log kept the first reason: that the database was away, long after it was back."""
    logger = CapturingLogger()
    monkeypatch.setattr(contact, "log", logger)
    stopping, health, reasons = asyncio.Event(), Health(), list[dict[str, str]]()
    happenings = [Away("database", "gone"), *[Away("store", "gone"), Refused("400")] * 2]

    async def step(_: asyncio.Event) -> bool:
        if happenings:
            raise happenings.pop(0)
        reasons.append(health.reasons())
        stopping.set()
        return False

    async with asyncio.timeout(DEADLINE_SECONDS):
        await JobRunner(Job(name="unknown files", step=step), health, DEADLINE_SECONDS)(stopping)
    assert reasons == [{}]
    assert [
        (call.args[0], call.kwargs.get("dependency"), call.kwargs.get("reason")) for call in logger.calls
    ] == [
        (Action.DEPENDENCY_AWAY, "database", "gone"),
        (Action.DEPENDENCY_AWAY, "store", "gone"),
        (Action.DEPENDENCY_AWAY, "store", "400"),
        (Action.DEPENDENCY_BACK, None, None),
    ]


async def test_a_call_during_a_step_is_not_lost_and_stopping_ends_a_long_rest() -> None:
    stopping, signal, steps = asyncio.Event(), Signal(), 0

    async def step(_: asyncio.Event) -> bool:
        nonlocal steps
        steps += 1
        if steps == 1:
            signal.set()
        return False

    sweeper = Job(name="sweeper", step=step, signal=signal, poll_seconds=3_600)
    running = asyncio.create_task(JobRunner(sweeper, Health(), DEADLINE_SECONDS)(stopping))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while steps < 2:
            await asyncio.sleep(0)
        stopping.set()
        await running
    assert steps == 2


async def test_a_step_that_takes_its_calls_itself_takes_none_away_from_stopping() -> None:
    """R23: the dispatcher does, so status never ended on SIGTERM while a request was open."""
    stopping, signal, waits = asyncio.Event(), Signal(), asyncio.Event()

    async def step(_: asyncio.Event) -> bool:
        waits.set()
        await signal.rest(None)
        signal.clear()
        return False

    dispatcher = Job(name="dispatcher", step=step, signal=signal, is_called=lambda: True)
    running = asyncio.create_task(JobRunner(dispatcher, Health(), DEADLINE_SECONDS)(stopping))
    async with asyncio.timeout(DEADLINE_SECONDS):
        await waits.wait()
        stopping.set()
        await running


async def test_a_step_that_hangs_has_its_time_to_end_and_no_more() -> None:
    """R23: a store that hung held the process up until it was killed."""
    stopping, begun = asyncio.Event(), asyncio.Event()

    async def step(_: asyncio.Event) -> bool:
        begun.set()
        await asyncio.Event().wait()
        return False

    running = asyncio.create_task(JobRunner(Job(name="sweeper", step=step), Health(), 0.0)(stopping))
    async with asyncio.timeout(DEADLINE_SECONDS):
        await begun.wait()
        stopping.set()
        await running


async def test_a_long_step_after_an_outage_makes_the_job_ready_before_it_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "LONG_STEP_SECONDS", 0.05)
    stopping, health, steps = asyncio.Event(), Health(), 0

    async def step(_: asyncio.Event) -> bool:
        nonlocal steps
        steps += 1
        if steps == 1:
            raise Away("store", "gone")
        while health.reasons():
            await asyncio.sleep(0)
        stopping.set()
        return False

    async with asyncio.timeout(DEADLINE_SECONDS):
        await JobRunner(Job(name="planner", step=step), health, DEADLINE_SECONDS)(stopping)


def test_a_step_that_waits_for_what_hangs_does_not_count_as_one_that_works() -> None:
    """R21: the job was told as back in the middle of an outage."""
    hanging = max(STORE_TIMEOUT_SECONDS, STATEMENT_SECONDS, PUBLISH_SECONDS)
    assert hanging < runner.LONG_STEP_SECONDS


async def test_a_called_job_does_not_look_by_itself_until_it_is_not_called_any_more() -> None:
    is_called = True
    job = Job(name="planner", step=_nothing, is_called=lambda: is_called)
    assert job.rest_seconds() is None
    is_called = False
    assert job.rest_seconds() == POLL_SECONDS


async def _nothing(_: asyncio.Event) -> bool:
    return False


async def test_several_calls_of_a_signal_within_a_time_become_the_earliest() -> None:
    signal, loop = Signal(), asyncio.get_running_loop()
    signal.set_within(3_600)
    signal.set_within(0.01)
    signal.set_within(3_600)
    began = loop.time()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await signal.wait(3_600)
    assert loop.time() - began >= 0.009


@pytest.mark.parametrize("make_loop", LOOPS)
def test_a_call_within_no_time_may_be_followed_by_one_within_some(make_loop: MakeLoop) -> None:
    """What is due now is no timer on the services' loop."""

    async def story() -> None:
        signal = Signal()
        signal.set_within(0.0)
        signal.set_within(3_600)
        await signal.rest(None)

    run(make_loop, story())


async def test_a_call_for_now_is_no_second_one_later() -> None:
    signal = Signal()
    signal.set_within(0.01)
    signal.set()
    signal.clear()
    signal.set_within(0.02)
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await signal.rest(None)
    assert asyncio.get_running_loop().time() - began >= 0.019


async def test_a_signal_that_came_can_be_called_for_a_later_moment_again() -> None:
    signal = Signal()
    async with asyncio.timeout(DEADLINE_SECONDS):
        for _ in range(2):
            signal.set_within(0.01)
            await signal.rest(None)
            signal.clear()


async def test_a_job_that_nobody_calls_looks_by_itself_now_and_then() -> None:
    """What another process left behind, or did not tell of, is found all the same."""
    stopping, steps = asyncio.Event(), 0

    async def step(_: asyncio.Event) -> bool:
        nonlocal steps
        steps += 1
        if steps == 3:
            stopping.set()
        return False

    planner = Job(name="planner", step=step, poll_seconds=0.01)
    async with asyncio.timeout(DEADLINE_SECONDS):
        await JobRunner(planner, Health(), DEADLINE_SECONDS)(stopping)
    assert steps == 3


async def test_a_call_is_heard_here_at_once_and_told_to_others_once() -> None:
    wakes = Wakes(planners=(Signal(), Signal()))
    wakes.call(Work.PLAN)
    wakes.call(Work.PLAN, Work.DELIVER)
    async with asyncio.timeout(DEADLINE_SECONDS):
        for signal in (*wakes.planners, wakes.deliveries, wakes.news):
            await signal.wait(3_600)
    assert wakes.take_untold() == {Work.PLAN, Work.DELIVER}
    assert wakes.take_untold() == frozenset()


async def test_what_another_told_is_heard_and_not_told_again() -> None:
    wakes = Wakes()
    wakes.called([Work.ANNOUNCE])
    async with asyncio.timeout(DEADLINE_SECONDS):
        await wakes.announcer.wait(3_600)
        await wakes.ended.wait()
    assert wakes.take_untold() == frozenset()
