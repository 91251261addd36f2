"""What is told of a part of the local stack that was started again. Nothing is started here."""

import signal
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from deploy.local.processes import supervised
from deploy.local.processes.child import Child, Program
from deploy.local.processes.supervised import Supervised

PROGRAM = Program(name="ingest", command=(), environment={}, folder=Path(), log=Path("ingest.log"))


@pytest.mark.parametrize(("lacks", "told"), [("store: full", " (store: full)"), ("", "")])
def test_a_part_that_is_not_ready_again_is_told_with_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch, lacks: str, told: str
) -> None:
    monkeypatch.setattr(supervised, "READY_AGAIN_SECONDS", -1.0)  # each look is late
    monkeypatch.setattr(supervised, "time", SimpleNamespace(monotonic=lambda: 100.0))
    ends = iter([-signal.SIGKILL])
    child = cast("Child", SimpleNamespace(pid=1, status=lambda: next(ends, None)))
    part = Supervised(
        role="ingest",
        program=PROGRAM,
        is_ready=lambda: False,
        spawn=lambda _: child,
        lacks=lambda: lacks,
    )
    part.start()
    said = [line for _ in range(3) for line in part.look()]
    assert said[:2] == [
        "ingest died (killed by SIGKILL); it is restarted at once",
        "ingest is started again, pid 1",
    ]
    assert said[2] == f"ingest is not ready yet after 0 s{told}; see ingest.log"


@pytest.mark.parametrize(("free", "told"), [(900_000, "; 0 MB are left for data"), (10**9, "")])
def test_a_part_that_died_on_a_full_disk_is_told_with_the_room_that_is_left(
    monkeypatch: pytest.MonkeyPatch, free: int, told: str
) -> None:
    monkeypatch.setattr(supervised, "disk_usage", lambda _: SimpleNamespace(free=free))
    child = cast("Child", SimpleNamespace(pid=1, status=lambda: 1, last_words=lambda: "it is shut down"))
    program = replace(PROGRAM, folder=Path("data"))
    part = Supervised(role="postgres", program=program, is_ready=lambda: False, spawn=lambda _: child)
    part.start()
    died = f"ingest died (exit status 1, its last words: it is shut down{told}); it is restarted at once"
    assert part.look() == [died]
