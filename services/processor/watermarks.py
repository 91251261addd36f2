"""Stops taking work while memory or disk runs short, before either runs out, and goes on by itself.

What is under way goes on; the messages wait in the broker, and /readyz says why.
"""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from shared.consuming.work import admit_all
from shared.observing.disk_headroom import DISKS
from shared.observing.health import Health
from shared.observing.logs import Action, log
from shared.observing.looks import Looks
from shared.observing.memory import read_memory
from shared.observing.vitals import free_bytes
from shared.store import local_folder
from shared.waits import wait_for_beat

LOOK_EVERY_SECONDS = 0.5
LET_GO_BELOW = 0.03  # a resource counts as short until its share is so much below its mark

Share = Callable[[], float | None]  # how much is used, from 0 to 1; None where that cannot be told


@dataclass(frozen=True, slots=True)
class Watermark:
    resource: str
    used: Share
    mark: float  # from this share on, no more work is taken


@dataclass(slots=True)
class Watermarks:
    """The marks and which of them are passed."""

    marks: Sequence[Watermark]
    health: Health
    _short: set[str] = field(default_factory=set)
    _looks: Looks[float | None] = field(default_factory=lambda: Looks("watermarks"))

    def admits(self) -> int:
        """How many more messages may be taken, as the runner asks."""
        return 0 if self._short else admit_all()

    async def watch(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            await self.look()
            await wait_for_beat(stopping, LOOK_EVERY_SECONDS)

    async def look(self) -> None:
        """A disk that does not answer holds up no other mark: the store itself tells that it is away."""
        answers = await self._looks.answers({each.resource: each.used for each in self.marks})
        for watermark in self.marks:
            used = answers.get(watermark.resource)
            if used is not None:
                self._judge(watermark, used)

    def _judge(self, watermark: Watermark, used: float) -> None:
        resource, mark = watermark.resource, watermark.mark
        if used >= mark:
            self._pause(resource, f"{used:.0%} used, work waits from {mark:.0%} on")
        elif resource in self._short and used < mark - LET_GO_BELOW:
            self._go_on(resource)

    def _pause(self, resource: str, reason: str) -> None:
        self.health.unready(resource, reason)
        if resource not in self._short:
            self._short.add(resource)
            log.warning(Action.RESOURCE_SHORT, resource=resource, reason=reason)

    def _go_on(self, resource: str) -> None:
        self._short.discard(resource)
        self.health.ready(resource)
        log.info(Action.RESOURCE_BACK, resource=resource)


def used_memory() -> float | None:
    memory = read_memory()
    return None if memory is None else memory.used_share


def used_disk(store_url: str) -> Share:
    """Of the disk under a local folder; a bucket is without end."""
    folder = local_folder(store_url)
    return lambda: None if folder is None else _used_disk(folder)


def show_disk_headroom(store_url: str, mark: float) -> None:
    """Up to the mark, where work waits: that may be far from full, and an alert must come first."""
    folder = local_folder(store_url)
    if folder is not None:
        DISKS.show("store", partial(_bytes_up_to, folder, mark))


def _bytes_up_to(folder: Path, mark: float) -> float:
    try:
        total = shutil.disk_usage(folder).total
    except OSError:
        return 0.0
    return max(0.0, free_bytes(folder) - (1 - mark) * total)


def _used_disk(folder: Path) -> float | None:
    try:
        usage = shutil.disk_usage(folder)
    except OSError:  # the folder is gone: the store's own check tells that
        return None
    return 1 - usage.free / usage.total
