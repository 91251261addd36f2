"""How the process itself is doing: how long its event loop is held up, what memory and disk are left."""

import asyncio
import math
import shutil
import tempfile
from collections import deque
from pathlib import Path

from shared.observing.loop_lag import LOOP_LAG, TURN_SECONDS, LoopLag
from shared.observing.memory import memory_headroom_bytes
from shared.observing.metrics import DISK_HEADROOM, EVENT_LOOP_LAG, MEMORY_HEADROOM
from shared.waits import wait_for

KEPT_TURNS = 60  # the worst of the last 15 s: longer than the time between two scrapes


async def watch_event_loop(stopping: asyncio.Event, lag: LoopLag = LOOP_LAG) -> None:
    MEMORY_HEADROOM.set_function(lambda: _or_nan(memory_headroom_bytes()))
    temporary = Path(tempfile.gettempdir())
    DISK_HEADROOM.labels("temporary").set_function(lambda: free_bytes(temporary))
    lags: deque[float] = deque(maxlen=KEPT_TURNS)
    try:
        while not stopping.is_set():
            lags.append(lag.turned())
            EVENT_LOOP_LAG.set(max(lags))
            await wait_for(stopping, TURN_SECONDS)
    finally:
        lag.ended()


def free_bytes(folder: Path) -> float:
    """What an ordinary user may still write there; 0 where the folder is gone."""
    try:
        return float(shutil.disk_usage(folder).free)
    except OSError:
        return 0.0


def _or_nan(known: int | None) -> float:
    return math.nan if known is None else known
