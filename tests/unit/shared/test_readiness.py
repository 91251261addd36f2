"""A dependency is said to be away when it is first missed, also at the start, and back only after that."""

import asyncio
from collections.abc import Sequence

import pytest
from structlog.testing import CapturingLogger

from shared import readiness
from shared.observing import contact
from shared.observing.health import Health
from shared.observing.logs import Action
from shared.outcomes import Away
from shared.readiness import watch_dependencies

GONE, BACK = Action.DEPENDENCY_AWAY, Action.DEPENDENCY_BACK


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([True, True], []),
        ([True, False, False, True, True], [GONE, BACK]),
        ([False, False, True, True], [GONE, BACK]),
        ([False, True, False], [GONE, BACK, GONE]),
    ],
)
async def test_each_change_is_told_once(
    monkeypatch: pytest.MonkeyPatch, answers: Sequence[bool], told: Sequence[Action]
) -> None:
    said, stopping, left = CapturingLogger(), asyncio.Event(), list(answers)
    monkeypatch.setattr(contact, "log", said)
    monkeypatch.setattr(readiness, "CHECK_EVERY_SECONDS", 0.0)

    async def check() -> None:
        is_there = left.pop(0)
        if not left:
            stopping.set()
        if not is_there:
            raise Away("store", "gone")

    health = Health()
    await watch_dependencies({"store": check}, health, stopping)
    assert [call.args[0] for call in said.calls] == told
    assert bool(health.reasons()) is not answers[-1]
