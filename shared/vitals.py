"""How the process itself is doing: how long its event loop is held up, what memory and disk are left."""

import asyncio
import os
import tempfile
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

from shared.metrics import DISK_HEADROOM, EVENT_LOOP_LAG, MEMORY_HEADROOM

TURN_SECONDS = 0.25
KEPT_TURNS = 60  # the worst of the last 15 s: longer than the time between two scrapes
CGROUP = Path("/sys/fs/cgroup")
MEMINFO = Path("/proc/meminfo")


async def watch_event_loop(stopping: asyncio.Event) -> None:
    MEMORY_HEADROOM.set_function(memory_headroom_bytes)
    temporary = Path(tempfile.gettempdir())
    DISK_HEADROOM.labels("temporary").set_function(lambda: free_bytes(temporary))
    lags: deque[float] = deque(maxlen=KEPT_TURNS)
    while not stopping.is_set():
        began = time.monotonic()
        with suppress(TimeoutError):
            async with asyncio.timeout(TURN_SECONDS):
                await stopping.wait()
        lags.append(max(0.0, time.monotonic() - began - TURN_SECONDS))
        EVENT_LOOP_LAG.set(max(lags))


def free_bytes(folder: Path) -> float:
    """What an ordinary user may still write there; 0 where the folder is gone."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return 0.0
    return float(disk.f_bavail * disk.f_frsize)


def memory_headroom_bytes(cgroup: Path = CGROUP, meminfo: Path = MEMINFO) -> float:
    """The least of what the machine has left and what the limit of our container leaves."""
    left = [each for each in (_of_machine(meminfo), _of_cgroup(cgroup)) if each is not None]
    return float(min(left)) if left else float("nan")


def _of_machine(meminfo: Path) -> int | None:
    try:
        lines = dict(line.split(":", 1) for line in meminfo.read_text().splitlines())
        return int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError):
        return None


def _of_cgroup(cgroup: Path) -> int | None:
    """Cached file contents count as used there, and go when they must."""
    try:
        limit = int((cgroup / "memory.max").read_text())  # `max` is no number: no limit
        used = int((cgroup / "memory.current").read_text())
        counts = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return None
    return limit - used + int(counts.get("inactive_file", 0))
