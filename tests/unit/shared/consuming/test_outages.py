"""What is said of an outage: that a dependency is away, and that it is back where it came back."""

import asyncio

import pytest
from structlog.testing import CapturingLogger

from shared.consuming.member import group_member, watch
from shared.consuming.member.progress import UNANSWERED_SECONDS
from shared.consuming.outages import Outages
from shared.consuming.pulses import Pulses
from shared.observing import contact
from shared.observing.health import Health
from shared.observing.logs import Action
from shared.outcomes import Away
from shared.testing.broker import FakeBroker
from tests.unit.shared.consuming.test_commits import World
from tests.unit.shared.consuming.test_work_that_dies import handle_nothing
from tests.worlds.patience import until
from tests.worlds.services.fake_member import one_by_one, running_member


class Store:
    """Away until somebody mends it; tells when it was asked."""

    def __init__(self) -> None:
        self.is_away = True
        self.asked = asyncio.Event()

    async def get(self) -> str:
        self.asked.set()
        if self.is_away:
            raise Away("store", "gone")
        return "content"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> CapturingLogger:
    logger = CapturingLogger()
    monkeypatch.setattr(contact, "log", logger)
    monkeypatch.setattr("shared.waits.BEAT_SECONDS", 0.001)
    monkeypatch.setattr(group_member, "log", logger)
    monkeypatch.setattr(watch, "log", logger)
    return logger


def actions(said: CapturingLogger) -> list[Action]:
    return [call.args[0] for call in said.calls]


async def test_what_comes_back_is_told_once_for_all_who_waited(said: CapturingLogger) -> None:
    store, health, turn = Store(), Health(), asyncio.Event()

    async def sleep(_: float) -> None:
        await turn.wait()

    waits = Outages(group="group", health=health, pulses=Pulses(lambda: 0.0), sleep=sleep)
    waiting = [asyncio.create_task(waits.while_away(store.get)) for _ in range(2)]
    await store.asked.wait()
    assert list(health.reasons()) == ["group"]
    store.is_away = False
    turn.set()
    assert await asyncio.gather(*waiting) == ["content"] * 2
    assert actions(said) == [Action.DEPENDENCY_AWAY, Action.DEPENDENCY_BACK]
    assert health.reasons() == {}


async def test_who_is_stopped_while_it_waits_says_of_nothing_that_it_is_back(
    said: CapturingLogger,
) -> None:
    store, health = Store(), Health()

    async def sleep(_: float) -> None:
        await asyncio.Event().wait()

    waits = Outages(group="group", health=health, pulses=Pulses(lambda: 0.0), sleep=sleep)
    waiting = asyncio.create_task(waits.while_away(store.get))
    await store.asked.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert actions(said) == [Action.DEPENDENCY_AWAY]
    assert (waits.waiting, health.reasons()) == (False, {})
    store.is_away = False
    await waits.while_away(store.get)  # by whoever has its partition next
    assert actions(said) == [Action.DEPENDENCY_AWAY, Action.DEPENDENCY_BACK]


async def test_who_is_stopped_outside_its_group_has_not_joined_again(
    said: CapturingLogger,
) -> None:
    world, stopping = World(), asyncio.Event()
    stopping.set()
    await world.member._stay_away(stopping)
    assert actions(said) == [Action.GROUP_LEFT]


@pytest.fixture
def no_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LAG_CHECK_SECONDS", 0.01)
    monkeypatch.setattr(group_member, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(group_member, "RECONNECT_SECONDS", 0.01)


def of_the_broker(said: CapturingLogger) -> list[Action]:
    return [each for each in actions(said) if each in {Action.DEPENDENCY_AWAY, Action.DEPENDENCY_BACK}]


@pytest.mark.usefixtures("no_rests")
async def test_a_member_that_finds_the_broker_by_a_new_connection_says_that_it_is_back(
    said: CapturingLogger,
) -> None:
    async with running_member(one_by_one, handle_nothing) as it:
        await until(lambda: Action.PARTITIONS_ASSIGNED in actions(said))
        assert of_the_broker(said) == []  # the first connection finds nothing that was lost
        it.broker.away = True
        await until(it.health.reasons)
        it.clock.now += UNANSWERED_SECONDS + 1
        await until(lambda: Action.CONSUMER_STALLED in actions(said))
        it.broker.away = False
        await until(lambda: not it.health.reasons())
    assert of_the_broker(said) == [Action.DEPENDENCY_AWAY, Action.DEPENDENCY_BACK]


@pytest.mark.usefixtures("no_rests")
async def test_a_broker_that_is_missed_at_the_start_is_away_and_then_back(said: CapturingLogger) -> None:
    """By its consumer, and by who looks whether its group is paused."""
    async with running_member(one_by_one, handle_nothing, broker=FakeBroker(away=True)) as it:
        await until(lambda: of_the_broker(said) == [Action.DEPENDENCY_AWAY] * 2)
        it.broker.away = False
        await until(lambda: not it.health.reasons())
    assert sorted(of_the_broker(said)) == [Action.DEPENDENCY_AWAY] * 2 + [Action.DEPENDENCY_BACK] * 2
