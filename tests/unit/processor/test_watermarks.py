"""Work waits before memory or disk runs out, says why, and goes on by itself."""

import asyncio
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from services.processor import __main__ as service
from services.processor.settings import Settings
from services.processor.watermarks import Watermark, Watermarks, show_disk_headroom, used_disk
from shared.observing.disk_headroom import DISKS
from shared.observing.health import Health
from shared.observing.metrics import DISK_HEADROOM
from tests.worlds.patience import DEADLINE_SECONDS, until


class World:
    def __init__(self) -> None:
        self.memory: float | None = 0.5
        self.disk: float | None = 0.5
        self.health = Health()
        marks = (
            Watermark("memory", lambda: self.memory, 0.9),
            Watermark("disk", lambda: self.disk, 0.95),
        )
        self.marks = Watermarks(marks, self.health)

    async def admits(self, **shares: float | None) -> bool:
        for name, share in shares.items():
            setattr(self, name, share)
        await self.marks.look()
        return self.marks.admits() > 0


@pytest.mark.parametrize("resource", ["memory", "disk"])
async def test_a_passed_mark_holds_work_until_the_share_is_clearly_below(resource: str) -> None:
    """R22"""
    world = World()
    assert await world.admits()
    assert not await world.admits(**{resource: 0.96})
    assert list(world.health.reasons()) == [resource]
    assert "96%" in world.health.reasons()[resource]
    mark = 0.9 if resource == "memory" else 0.95
    assert not await world.admits(**{resource: mark - 0.01})
    assert await world.admits(**{resource: mark - 0.05})
    assert world.health.reasons() == {}


async def test_one_resource_that_is_back_does_not_let_go_of_the_other() -> None:
    world = World()
    assert not await world.admits(memory=1.0, disk=1.0)
    assert not await world.admits(memory=0.1)
    assert await world.admits(disk=0.1)


async def test_what_cannot_be_told_holds_nothing() -> None:
    assert await World().admits(memory=None, disk=None)


async def test_a_disk_that_hangs_keeps_neither_the_memory_from_being_judged_nor_the_watch_from_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R08: the drain of a processor had waited for its store's disk until it was killed."""
    monkeypatch.setattr("shared.observing.looks.ANSWER_SECONDS", 0.1)
    goes_on, world, stopping = threading.Event(), World(), asyncio.Event()
    world.memory = 1.0
    world.marks.marks = (*world.marks.marks, Watermark("hanging", lambda: float(goes_on.wait()), 0.5))
    watching = asyncio.create_task(world.marks.watch(stopping))
    try:
        await until(lambda: "memory" in world.health.reasons())
        stopping.set()
        async with asyncio.timeout(DEADLINE_SECONDS):
            await watching
    finally:
        goes_on.set()


async def test_the_watch_ends_when_it_is_told_to() -> None:
    world, stopping = World(), asyncio.Event()
    watching = asyncio.create_task(world.marks.watch(stopping))
    await asyncio.sleep(0)
    stopping.set()
    async with asyncio.timeout(DEADLINE_SECONDS):
        await watching


def test_a_disk_is_watched_and_a_bucket_is_not(tmp_path: Path) -> None:
    share = used_disk(f"file://{tmp_path}")()
    assert share is not None
    assert 0 < share < 1
    assert used_disk("s3://bucket/prefix")() is None
    assert used_disk(f"file://{tmp_path}/gone")() is None


async def test_what_is_left_of_a_disk_is_told_up_to_where_work_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R21: of a disk of 4 TB 200 GB were left when work stopped, and DiskLow comes at 5 GB."""
    monkeypatch.setenv("PORT", "1")
    monkeypatch.setenv("KAFKA_BOOTSTRAP", "127.0.0.1:1")
    monkeypatch.setenv("STORE_URL", f"file://{tmp_path}")
    shown = SimpleNamespace(total=4_000e9, free=203e9)
    monkeypatch.setattr("services.processor.watermarks.shutil.disk_usage", lambda _: shown)
    service._watermarks(Settings(), Health())
    assert await headroom_of("store") == pytest.approx(3e9)
    monkeypatch.setattr("shared.observing.vitals.has_file_left", lambda _: False)
    assert await headroom_of("store") == 0
    monkeypatch.setattr("shared.observing.vitals.has_file_left", lambda _: True)
    shown.free = 100e9
    assert await headroom_of("store") == 0
    show_disk_headroom("s3://bucket/prefix", 0.95)  # shows nothing


async def headroom_of(folder: str) -> float:
    await DISKS.look()
    (family,) = DISK_HEADROOM.labels(folder).collect()
    return float(family.samples[0].value)
