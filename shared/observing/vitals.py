"""How the process itself is doing: how long its event loop is held up, what memory and disk are left."""

import asyncio
import math
import os
import shutil
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from shared.observing.disk_headroom import DISKS
from shared.observing.loop_lag import LOOP_LAG, LoopLag
from shared.observing.memory import memory_headroom_bytes
from shared.observing.metrics import EVENT_LOOP_LAG, MEMORY_HEADROOM
from shared.waits import BEAT_SECONDS, until_beat

KEPT_TURNS = 60  # the worst of the last 15 s at least: longer than the time between two scrapes
CALM_SECONDS = 0.5  # to the next turn after one that was hardly late
HARDLY_LATE_SECONDS = 0.01
NEXT_BEAT_SECONDS = BEAT_SECONDS / 2  # and not the one that rings


async def watch_event_loop(stopping: asyncio.Event, lag: LoopLag = LOOP_LAG) -> None:
    MEMORY_HEADROOM.set_function(lambda: _or_nan(memory_headroom_bytes()))
    temporary = Path(tempfile.gettempdir())
    DISKS.show("temporary", lambda: free_bytes(temporary))
    with _turned(lag, deque(maxlen=KEPT_TURNS)):
        await stopping.wait()


@contextmanager
def _turned(lag: LoopLag, lags: deque[float]) -> Iterator[None]:
    """By timers alone: a task would take two more turns of the loop each time."""
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def turn() -> None:
        nonlocal timer
        late_seconds = lag.turned()
        lags.append(late_seconds)
        EVENT_LOOP_LAG.set(max(lags))
        is_calm = late_seconds < HARDLY_LATE_SECONDS
        seconds = until_beat(loop.time(), CALM_SECONDS if is_calm else NEXT_BEAT_SECONDS)
        lag.expect_turn(seconds)
        timer = loop.call_later(seconds, turn)

    turn()
    try:
        yield
    finally:
        timer.cancel()
        lag.ended()


def free_bytes(folder: Path) -> float:
    """What an ordinary user may still write there; 0 where the folder is gone or holds no further file."""
    try:
        return float(shutil.disk_usage(folder).free) if has_file_left(os.statvfs(folder)) else 0.0
    except OSError:
        return 0.0


def has_file_left(disk: os.statvfs_result) -> bool:
    counts_files = disk.f_files > 0  # btrfs and others make room for them as they come
    return not counts_files or disk.f_favail > 0


def _or_nan(known: int | None) -> float:
    return math.nan if known is None else known
