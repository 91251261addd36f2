"""CPU seconds of whole process trees, from /proc: also of children that have ended and were waited for."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def cpu_seconds(roots: Iterable[int]) -> float:
    return sum(_own_seconds(pid) for root in roots for pid in _tree(root))


def cpu_by_part(pids: Mapping[str, Iterable[int]]) -> dict[str, float]:
    return {part: cpu_seconds(roots) for part, roots in pids.items()}


def _tree(root: int) -> list[int]:
    found, pending = [], [root]
    while pending:
        pid = pending.pop()
        try:
            tasks = list(Path(f"/proc/{pid}/task").iterdir())
            children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except FileNotFoundError:
            continue
        found.append(pid)
        pending.extend(children)
    return found


def _own_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    user, system, children_user, children_system = (int(field) for field in fields[11:15])
    return (user + system + children_user + children_system) / TICKS_PER_SECOND
