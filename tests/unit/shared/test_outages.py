"""What is said of an outage: that a dependency is away, and that it is back where it came back."""

import asyncio

import pytest
from structlog.testing import CapturingLogger

from shared.consuming import group_member, outages
from shared.consuming.outages import Outages
from shared.consuming.pulses import Pulses
from shared.observing.health import Health
from shared.observing.logs import Action
from shared.outcomes import Away
from tests.unit.shared.test_commits import World


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
    monkeypatch.setattr(outages, "log", logger)
    monkeypatch.setattr(group_member, "log", logger)
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


async def test_who_is_stopped_outside_its_group_has_not_joined_again(
    said: CapturingLogger,
) -> None:
    world, stopping = World(), asyncio.Event()
    stopping.set()
    await world.member._stay_away(stopping)
    assert actions(said) == [Action.GROUP_LEFT]
