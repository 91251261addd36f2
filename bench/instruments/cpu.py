"""CPU seconds of process trees: also of children that have ended and were waited for."""

import os
import resource
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class CpuSeconds:
    """CPU seconds of one process and of the children that it has waited for."""

    own: float
    ended_children: float


def cpu_by_part(pids: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """CPU seconds of every part of the stack. The decoders of processors are a part of their own."""
    parts = {name: sum(map(tree_seconds, roots)) for name, roots in pids.items()}
    own = sum(_cpu_seconds(root).own for root in pids["processor"])
    parts["decoders"] = parts.pop("processor") - own
    return {"processor": own, **parts}


def ms_per_image(before: Mapping[str, float], after: Mapping[str, float], images: int) -> dict[str, float]:
    """CPU seconds of every part between two looks."""
    return {part: (after[part] - before[part]) * 1000 / images for part in after}


def tree_seconds(root: int) -> float:
    seconds = (_cpu_seconds(pid) for pid in tree(root))
    return sum(each.own + each.ended_children for each in seconds)


def children_ms(run: Callable[[], object]) -> float:
    """CPU of the children of this process that have ended during the run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000


def parsed(stat: str) -> CpuSeconds:
    """The fields of a /proc/PID/stat behind the command's name, which may hold anything, brackets too."""
    fields = stat.rpartition(")")[2].split()
    user, system, children_user, children_system = (int(field) / TICKS_PER_SECOND for field in fields[11:15])
    return CpuSeconds(user + system, children_user + children_system)


def _cpu_seconds(pid: int) -> CpuSeconds:
    try:
        return parsed((PROC / str(pid) / "stat").read_text(errors="replace"))
    except (FileNotFoundError, ProcessLookupError):
        return CpuSeconds(0.0, 0.0)


def tree(root: int) -> Iterator[int]:
    yield root
    for child in _children(root):
        yield from tree(child)


def _children(pid: int) -> list[int]:
    """Of the threads that are still there: each may end at any moment, and so may the whole process. Not that
    of deploy/local: older commits, which `--against` measures by this bench, have none.
    """
    children: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in (PROC / str(pid) / "task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                children += map(int, (thread / "children").read_text().split())
    return children
