"""Memory as the container or the machine has it: whichever is nearer to its end counts."""

from pathlib import Path

import pytest

from shared.observing.memory import MemoryUse, memory_headroom_bytes, memory_limit_bytes, read_memory

GIGABYTE = 1024**3


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
    assert read_memory(tmp_path) == MemoryUse(2 * GIGABYTE, GIGABYTE // 2)
    assert memory_limit_bytes(tmp_path) == 2 * GIGABYTE
    assert memory_headroom_bytes(tmp_path) == 2 * GIGABYTE - GIGABYTE // 2


def test_the_machine_counts_where_it_is_nearer_to_its_end(tmp_path: Path) -> None:
    machine(tmp_path, 4 * GIGABYTE, GIGABYTE // 4)
    old_container(tmp_path, 2 * GIGABYTE, GIGABYTE, 0)
    assert read_memory(tmp_path) == MemoryUse(4 * GIGABYTE, 4 * GIGABYTE - GIGABYTE // 4)
    assert memory_limit_bytes(tmp_path) == 2 * GIGABYTE
    assert memory_headroom_bytes(tmp_path) == GIGABYTE // 4


@pytest.mark.parametrize("limit", ["max", 2**63 - 4096])
def test_a_container_without_a_limit_has_the_machines(tmp_path: Path, limit: object) -> None:
    machine(tmp_path, 4 * GIGABYTE, GIGABYTE)
    container(tmp_path, limit, GIGABYTE, 0)
    assert memory_limit_bytes(tmp_path) == 4 * GIGABYTE


def test_where_nothing_is_told_nothing_is_known(tmp_path: Path) -> None:
    assert read_memory(tmp_path) is None
    assert memory_limit_bytes(tmp_path) is None
    assert memory_headroom_bytes(tmp_path) is None


def test_of_the_machine_that_runs_this_all_is_known() -> None:
    known = read_memory()
    assert known is not None
    assert 0 < known.used_share < 1
