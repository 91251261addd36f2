"""What a process tells of itself: R21, R22."""

import asyncio
import time
from pathlib import Path

from shared.observing.metrics import EVENT_LOOP_LAG
from shared.observing.vitals import free_bytes, watch_event_loop
from tests.worlds.patience import DEADLINE_SECONDS


def test_a_folder_that_is_gone_has_no_room(tmp_path: Path) -> None:
    assert free_bytes(tmp_path) > 0
    assert free_bytes(tmp_path / "gone") == 0


async def test_an_event_loop_that_is_held_up_is_seen() -> None:
    stopping = asyncio.Event()
    watching = asyncio.create_task(watch_event_loop(stopping))
    await asyncio.sleep(0)
    time.sleep(1.2)  # noqa: ASYNC251 - this is what is to be seen
    async with asyncio.timeout(DEADLINE_SECONDS):
        while EVENT_LOOP_LAG._value.get() < 0.3:
            await asyncio.sleep(0.01)
    stopping.set()
    await watching
