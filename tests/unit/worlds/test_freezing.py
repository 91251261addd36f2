"""What a test freezes stands still, also what ends or is started while it is being frozen."""

import subprocess
import sys
from pathlib import Path

import pytest

from chaos.live.world import process_tree
from tests.worlds.processes import freezing
from tests.worlds.processes.freezing import STANDING, freeze, freeze_with_children, thaw

PARENT = "import subprocess; subprocess.Popen(['sleep', '1000']); print(flush=True); input()"


def test_whoever_has_ended_meanwhile_stands_still() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    freeze(process.pid)
    thaw(process.pid)


def test_a_child_that_is_found_only_when_its_parent_stands_is_frozen_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def seen(root: int) -> list[int]:
        return process_tree.members(root) if is_standing(root) else [root]

    monkeypatch.setattr(freezing, "members", seen)
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        child, root = freeze_with_children(parent.pid)
        try:
            assert root == parent.pid
            assert is_standing(child)
        finally:
            subprocess.run(["kill", "-9", str(child), str(root)], check=True)


def is_standing(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in STANDING
