"""How much memory this process may use and how much is used: of its container where that has a limit, else
of the machine. Linux only; elsewhere nothing is known, and so nothing is limited.
"""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/")
_UNLIMITED_BYTES = 1 << 60  # cgroup v1 says 2^63 or so
_FILES = (  # limit, use, and the line of the statistics that says how much of the use is cache
    ("memory.max", "memory.current", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
)


@dataclass(frozen=True, slots=True)
class MemoryUse:
    limit_bytes: int
    used_bytes: int

    @property
    def used_share(self) -> float:
        return self.used_bytes / self.limit_bytes

    @property
    def headroom_bytes(self) -> int:
        return self.limit_bytes - self.used_bytes


def read_memory(root: Path = ROOT) -> MemoryUse | None:
    """Whichever is nearer to its end, the container's memory or the machine's."""
    return max(_known(root), key=lambda memory: memory.used_share, default=None)


def memory_limit_bytes(root: Path = ROOT) -> int | None:
    return min((memory.limit_bytes for memory in _known(root)), default=None)


def memory_headroom_bytes(root: Path = ROOT) -> int | None:
    """The least of what the machine has left and of what our container's limit leaves."""
    return min((memory.headroom_bytes for memory in _known(root)), default=None)


def _known(root: Path) -> list[MemoryUse]:
    return [memory for memory in (_container(root), _machine(root)) if memory is not None]


def _container(root: Path) -> MemoryUse | None:
    groups = root / "sys/fs/cgroup"
    for limit_file, use_file, cache_line in _FILES:
        try:
            limit = int((groups / limit_file).read_text())  # "max" is no number: no limit
            used = int((groups / use_file).read_text())
            cache = _numbers((groups / use_file).with_name("memory.stat"))[cache_line]
        except (OSError, ValueError, KeyError):
            continue
        if 0 < limit < _UNLIMITED_BYTES:
            return MemoryUse(limit, max(0, used - cache))
    return None


def _machine(root: Path) -> MemoryUse | None:
    try:
        kilobytes = _numbers(root / "proc/meminfo")
        total, available = kilobytes["MemTotal:"] * 1024, kilobytes["MemAvailable:"] * 1024
    except (OSError, ValueError, KeyError):
        return None
    return MemoryUse(total, total - available)


def _numbers(file: Path) -> dict[str, int]:
    lines = (line.split() for line in file.read_text().splitlines())
    return {words[0]: int(words[1]) for words in lines if len(words) > 1}
