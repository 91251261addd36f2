"""CPU time is read from /proc whatever a process calls itself, decoders apart from their processors."""

import os
from pathlib import Path

import pytest

from bench.instruments import cpu
from bench.instruments.cpu import TICKS_PER_SECOND, CpuSeconds, cpu_by_part, parsed, tree_seconds

SECOND = TICKS_PER_SECOND


def stat(name: str, own: int = 0, ended_children: int = 0) -> str:
    """Half of each second user time, half system time."""
    times = [own * SECOND // 2, own * SECOND // 2, ended_children * SECOND // 2, ended_children * SECOND // 2]
    return f"7 ({name}) S 1 7 7 0 -1 4194304 0 0 0 0 {' '.join(map(str, times))} 20 0 1 0 99"


@pytest.mark.parametrize("name", ["python", "tmux: server", "a) S 1 (b", "((", ")"])
def test_the_name_of_a_command_does_not_move_its_times(name: str) -> None:
    assert parsed(stat(name, own=2, ended_children=4)) == CpuSeconds(own=2, ended_children=4)


@pytest.fixture
def proc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cpu, "PROC", tmp_path)
    return tmp_path


def process(proc: Path, pid: int, *, own: int, ended_children: int = 0, children: str = "") -> None:
    thread = proc / str(pid) / "task" / str(pid)
    thread.mkdir(parents=True)
    (thread / "children").write_text(children)
    (proc / str(pid) / "stat").write_text(stat("x", own, ended_children))


def test_a_tree_counts_children_of_children_and_those_that_have_ended(proc: Path) -> None:
    process(proc, 10, own=2, ended_children=4, children="11 12 ")
    process(proc, 11, own=6, children="13 ")
    process(proc, 12, own=8)
    process(proc, 13, own=10)
    assert tree_seconds(10) == 30


def test_children_of_every_thread_are_found(proc: Path) -> None:
    process(proc, 10, own=2, children="11 ")
    process(proc, 11, own=4)
    process(proc, 12, own=6)
    second = proc / "10" / "task" / "99"
    second.mkdir()
    (second / "children").write_text("12 ")
    assert tree_seconds(10) == 12


def test_a_thread_that_is_gone_meanwhile_hides_no_child_of_the_others(proc: Path) -> None:
    process(proc, 10, own=2, children="11 ")
    process(proc, 11, own=4)
    for ended in ("09", "99"):
        (proc / "10" / "task" / ended).mkdir()
    assert tree_seconds(10) == 6


def test_a_child_that_is_gone_meanwhile_counts_nothing(proc: Path) -> None:
    process(proc, 10, own=2, children="11 ")
    assert tree_seconds(10) == 2


def test_decoders_stand_apart_from_their_processors_and_nothing_counts_twice(proc: Path) -> None:
    process(proc, 1, own=2, children="3 ")
    process(proc, 2, own=4, ended_children=8)
    process(proc, 3, own=16)
    process(proc, 9, own=32, children="10 ")
    process(proc, 10, own=64)
    parts = cpu_by_part({"processor": [1, 2], "postgres": [9]})
    assert parts == {"processor": 6, "decoders": 24, "postgres": 96}


def test_a_living_process_has_used_some_time() -> None:
    before = tree_seconds(os.getpid())
    while tree_seconds(os.getpid()) == before:
        sum(range(10_000))
