"""R21: what is left of the disks of a process, whether they answer or not."""

import math
import threading

import pytest

from shared.observing.disk_headroom import DiskHeadroom
from shared.observing.metrics import DISK_HEADROOM
from tests.worlds.patience import DEADLINE_SECONDS, until


def shown(folder: str) -> float:
    (family,) = DISK_HEADROOM.labels(folder).collect()
    return float(family.samples[0].value)


async def test_a_disk_that_hangs_has_no_room_and_keeps_one_thread_and_nobody_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """R08: each scrape had held the whole process up, where a disk of a network has lost its server."""
    monkeypatch.setattr("shared.observing.looks.ANSWER_SECONDS", 0.1)
    goes_on, looks = threading.Event(), list[str]()

    def hangs() -> float:
        looks.append("store")
        return 7.0 if goes_on.wait(DEADLINE_SECONDS) else math.nan

    disks = DiskHeadroom()
    disks.show("store", hangs)
    disks.show("temporary", lambda: 5.0)

    async def is_told() -> bool:
        await disks.look()
        assert shown("store") == 0.0
        return shown("temporary") == 5.0

    for _ in range(3):
        await until(is_told)
    assert looks == ["store"]
    goes_on.set()

    async def is_back() -> bool:
        await disks.look()
        return shown("store") == 7.0

    await until(is_back)
