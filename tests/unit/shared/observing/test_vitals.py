"""What a process tells of itself: R21, R22."""

import asyncio
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from shared.observing.disk_headroom import DISKS
from shared.observing.loop_lag import LoopLag
from shared.observing.metrics import DISK_HEADROOM, EVENT_LOOP_LAG
from shared.observing.vitals import free_bytes, watch_event_loop
from tests.worlds.patience import DEADLINE_SECONDS
from tests.worlds.simulated.jumping_loop import JumpingLoop, in_a_jumping_loop


def test_a_folder_that_is_gone_has_no_room(tmp_path: Path) -> None:
    assert free_bytes(tmp_path) > 0
    assert free_bytes(tmp_path / "gone") == 0


def test_a_disk_that_can_hold_no_further_file_has_no_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R21: DiskLow said nothing of a disk without an inode, on which no image could be stored."""
    disk = SimpleNamespace(f_files=1000, f_favail=1, f_blocks=9, f_bfree=9, f_bavail=9, f_frsize=4096)
    monkeypatch.setattr("shared.observing.vitals.os.statvfs", lambda _: disk)
    assert free_bytes(tmp_path) > 0
    disk.f_favail = 0
    assert free_bytes(tmp_path) == 0
    disk.f_files = 0  # a file system that does not count them
    assert free_bytes(tmp_path) > 0


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


async def test_what_is_left_of_the_disk_of_temporary_files_is_shown() -> None:
    stopping = asyncio.Event()
    watching = asyncio.create_task(watch_event_loop(stopping))
    await asyncio.sleep(0)
    DISK_HEADROOM.clear()
    await DISKS.look()
    assert DISK_HEADROOM.labels("temporary")._value.get() > 0
    stopping.set()
    await watching


class CountedLag(LoopLag):
    turns = 0

    def turned(self) -> float:
        self.turns += 1
        return super().turned()


def test_a_loop_is_looked_at_twice_a_second_and_after_it_was_late_at_each_beat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.waits.OWN_SHIFT", 0.0)

    async def story() -> None:
        loop, stopping = asyncio.get_running_loop(), asyncio.Event()
        assert isinstance(loop, JumpingLoop)
        lag = CountedLag(loop.time)
        watching = asyncio.create_task(watch_event_loop(stopping, lag))
        await asyncio.sleep(9.9)
        calm, lag.turns = lag.turns, 0
        for _ in range(20):
            await asyncio.sleep(0.41)
            loop.jump(0.32)  # nothing else runs meanwhile
        stopping.set()
        await watching
        assert calm == 20
        assert lag.turns > 30
        assert lag.late_seconds() >= 20 * 0.05

    in_a_jumping_loop(story)
