"""How the machine and the processes of the stack do, noted while a run goes on."""

import asyncio
import os
import resource
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from chaos.live.journal import AtRest, Beat, Journal

LOOK_SECONDS = 0.25
LOOKS = 8  # in one beat


async def beat(journal: Journal) -> None:
    """Until it is cancelled: how many wanted a core that had none, and how late this loop came."""
    cores = len(os.sched_getaffinity(0))
    while True:
        late_seconds, wanting = 0.0, 0
        for _ in range(LOOKS):
            due = time.monotonic() + LOOK_SECONDS
            await asyncio.sleep(LOOK_SECONDS)
            late_seconds = max(late_seconds, time.monotonic() - due)
            wanting += _wanting_a_core()
        journal.add(Beat(slowness=max(1.0, wanting / LOOKS / cores), late_seconds=late_seconds))


def _wanting_a_core() -> int:
    running, _, _ = Path("/proc/loadavg").read_text("ascii").split()[3].partition("/")
    return int(running)


def note_processes(pids: Mapping[str, int], moment: Literal["before", "after"], journal: Journal) -> None:
    for service, pid in pids.items():
        process = Path(f"/proc/{pid}")
        pages = int((process / "statm").read_text("ascii").split()[1])
        journal.add(
            AtRest(
                service=service,
                moment=moment,
                memory_bytes=pages * resource.getpagesize(),
                descriptors=len(list((process / "fd").iterdir())),
            )
        )
