"""R21, R23: what the log says of a backlog that is told without a count of the processors."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pytest
from structlog.testing import CapturingLogger

from services.status.images.backlog import COUNT_SECONDS, Backlog
from services.status.postgres.bounded_reads import BoundedReads
from shared.observing import contact
from shared.observing.logs import Action
from shared.testing.fakes import FakeClock, FakeLag

NOTHING_ELSE = ("resting_images", "in_flight", "oldest_seconds", "pending", "processing")
ROW = {
    **dict.fromkeys((*NOTHING_ELSE, "deliveries_overdue", "deliveries_unanswered"), 0),
    "open_images": 7,
    "answered_images": 0,
    "work_seconds": 0.0,
    "now": 0.0,
}


@dataclass
class OneRow:
    async def fetch(self, _: str) -> Sequence[Mapping[str, float]]:
        return [ROW]


async def test_processors_that_cannot_be_counted_are_told_once_and_once_when_they_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without the right to describe their group no rate was learned, and nothing said so."""
    said = CapturingLogger()
    monkeypatch.setattr(contact, "log", said)
    group, clock = FakeLag(waiting=2, away=True), FakeClock()
    backlog = Backlog(cast("BoundedReads", OneRow()), group.read, clock)

    async def counted() -> None:
        clock.now += COUNT_SECONDS
        await backlog.step(asyncio.Event())

    await counted()
    await counted()
    assert (told := backlog.latest()) is not None
    assert told.open_images == 7
    group.away = False
    await counted()
    await backlog.step(asyncio.Event())  # it counts later
    assert [(call.args, call.kwargs) for call in said.calls] == [
        (
            (Action.DEPENDENCY_AWAY,),
            {"work": "backlog", "dependency": "broker", "reason": "the fake is away"},
        ),
        ((Action.DEPENDENCY_BACK,), {"work": "backlog"}),
    ]
