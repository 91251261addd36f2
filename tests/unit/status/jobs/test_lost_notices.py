"""While notices cannot be heard every job looks by itself, and from that moment on."""

import asyncio
from collections.abc import Callable
from typing import Any

from services.status.jobs.job import Signal
from services.status.jobs.notices import Notices
from services.status.jobs.wakes import Wakes


class Listening:
    lost: Callable[[], None]

    async def connect(self, _: str, __: Callable[[str], None], lost: Callable[[], None]) -> bool:
        self.lost = lost
        return False

    async def execute(self, *_: object) -> None: ...


async def test_a_lost_connection_calls_whoever_waits_to_be_called() -> None:
    listening: Any = Listening()
    planner = Signal()
    wakes = Wakes(planners=(planner,))
    await Notices(wakes, listening).step(asyncio.Event())
    assert wakes.are_heard
    assert not planner._event.is_set()  # private: a wait would end only by a call
    listening.lost()
    assert not wakes.are_heard
    await planner.rest(None)  # it was called, and so returns
