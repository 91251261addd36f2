"""What a process tells of itself: R21, R22."""

import asyncio
import time
from pathlib import Path

import pytest

from shared.metrics import EVENT_LOOP_LAG
from shared.vitals import free_bytes, memory_headroom_bytes, watch_event_loop

MIB = 1024 * 1024


def a_machine(folder: Path, available_mib: int) -> Path:
    meminfo = folder / "meminfo"
    meminfo.write_text(f"MemTotal:  9999 kB\nMemAvailable:   {available_mib * 1024} kB\n")
    return meminfo


def a_container(folder: Path, limit: str, used_mib: int, cached_mib: int) -> Path:
    (folder / "memory.max").write_text(f"{limit}\n")
    (folder / "memory.current").write_text(f"{used_mib * MIB}\n")
    (folder / "memory.stat").write_text(f"anon 1\ninactive_file {cached_mib * MIB}\n")
    return folder


@pytest.mark.parametrize(
    ("limit", "available_mib", "headroom_mib"),
    [("max", 4096, 4096), (str(1024 * MIB), 4096, 1024 - 600 + 200), (str(1024 * MIB), 100, 100)],
)
def test_memory_headroom_is_the_least_that_machine_and_container_leave(
    tmp_path: Path, limit: str, available_mib: int, headroom_mib: int
) -> None:
    container = a_container(tmp_path, limit, used_mib=600, cached_mib=200)
    headroom = memory_headroom_bytes(container, a_machine(tmp_path, available_mib))
    assert headroom == headroom_mib * MIB


def test_without_a_container_the_machine_counts(tmp_path: Path) -> None:
    assert memory_headroom_bytes(tmp_path / "none", a_machine(tmp_path, 7)) == 7 * MIB
    assert memory_headroom_bytes() > 0


def test_a_folder_that_is_gone_has_no_room(tmp_path: Path) -> None:
    assert free_bytes(tmp_path) > 0
    assert free_bytes(tmp_path / "gone") == 0


async def test_an_event_loop_that_is_held_up_is_seen() -> None:
    stopping = asyncio.Event()
    watching = asyncio.create_task(watch_event_loop(stopping))
    await asyncio.sleep(0)
    time.sleep(0.6)  # noqa: ASYNC251 - this is what is to be seen
    async with asyncio.timeout(20):
        while EVENT_LOOP_LAG._value.get() < 0.3:
            await asyncio.sleep(0.01)
    stopping.set()
    await watching
