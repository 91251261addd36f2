"""Work waits before memory or disk runs out, says why, and goes on by itself."""

import asyncio
from pathlib import Path

import pytest

from services.processor.memory import Memory, memory_limit_bytes, read_memory
from services.processor.watermarks import Watermarks, used_disk
from shared.health import Health

GIGABYTE = 1024**3


class World:
    def __init__(self) -> None:
        self.memory: float | None = 0.5
        self.disk: float | None = 0.5
        self.health = Health()
        self.marks = Watermarks(
            {"memory": lambda: self.memory, "disk": lambda: self.disk},
            {"memory": 0.9, "disk": 0.95},
            self.health,
        )

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


async def test_the_watch_ends_when_it_is_told_to() -> None:
    world, stopping = World(), asyncio.Event()
    watching = asyncio.create_task(world.marks.watch(stopping))
    await asyncio.sleep(0)
    stopping.set()
    async with asyncio.timeout(20):
        await watching


def machine(root: Path, total: int, available: int) -> None:
    (root / "proc").mkdir(exist_ok=True)
    (root / "proc/meminfo").write_text(
        f"MemTotal: {total // 1024} kB\nMemFree: 1 kB\nMemAvailable: {available // 1024} kB\n"
    )


def container(root: Path, limit: object, used: int, cache: int) -> None:
    groups = root / "sys/fs/cgroup"
    groups.mkdir(parents=True)
    (groups / "memory.max").write_text(f"{limit}\n")
    (groups / "memory.current").write_text(f"{used}\n")
    (groups / "memory.stat").write_text(f"anon 5\ninactive_file {cache}\n")


def old_container(root: Path, limit: int, used: int, cache: int) -> None:
    groups = root / "sys/fs/cgroup/memory"
    groups.mkdir(parents=True)
    (groups / "memory.limit_in_bytes").write_text(f"{limit}\n")
    (groups / "memory.usage_in_bytes").write_text(f"{used}\n")
    (groups / "memory.stat").write_text(f"cache 7\ntotal_inactive_file {cache}\n")


def test_a_containers_memory_is_what_counts_and_its_droppable_cache_does_not(tmp_path: Path) -> None:
    """R22"""
    machine(tmp_path, 64 * GIGABYTE, 60 * GIGABYTE)
    container(tmp_path, 2 * GIGABYTE, GIGABYTE, GIGABYTE // 2)
    assert read_memory(tmp_path) == Memory(2 * GIGABYTE, GIGABYTE // 2)
    assert memory_limit_bytes(tmp_path) == 2 * GIGABYTE


def test_the_machine_counts_where_it_is_nearer_to_its_end(tmp_path: Path) -> None:
    machine(tmp_path, 4 * GIGABYTE, GIGABYTE // 4)
    old_container(tmp_path, 2 * GIGABYTE, GIGABYTE, 0)
    assert read_memory(tmp_path) == Memory(4 * GIGABYTE, 4 * GIGABYTE - GIGABYTE // 4)
    assert memory_limit_bytes(tmp_path) == 2 * GIGABYTE


@pytest.mark.parametrize("limit", ["max", 2**63 - 4096])
def test_a_container_without_a_limit_has_the_machines(tmp_path: Path, limit: object) -> None:
    machine(tmp_path, 4 * GIGABYTE, GIGABYTE)
    container(tmp_path, limit, GIGABYTE, 0)
    assert memory_limit_bytes(tmp_path) == 4 * GIGABYTE


def test_where_nothing_is_told_nothing_is_known(tmp_path: Path) -> None:
    assert read_memory(tmp_path) is None
    assert memory_limit_bytes(tmp_path) is None


def test_a_disk_is_watched_and_a_bucket_is_not(tmp_path: Path) -> None:
    share = used_disk(f"file://{tmp_path}")()
    assert share is not None
    assert 0 < share < 1
    assert used_disk("s3://bucket/prefix")() is None
    assert used_disk(f"file://{tmp_path}/gone")() is None
