"""What is told of a part of the local stack that was started again. Nothing is started here."""

import signal
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
