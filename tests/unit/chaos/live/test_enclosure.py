"""What a run has mounted and started is gone once it is killed, with whatever stood still in it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import uuid4

import pytest

from chaos.live.enclosure import enclosed, may_enclose

ATTEMPTS, POLL_SECONDS = 200, 0.05
OUTER = """
import subprocess, sys
from chaos.live.enclosure import enclosed
subprocess.run(enclosed([sys.executable, "-c", *sys.argv[1:]]))
"""
INNER = """
import os, signal, subprocess, sys
from pathlib import Path
from chaos.live.world.disk import Disk

folder, mark = Path(sys.argv[1]), sys.argv[2]
Disk(folder).mount()
(folder / "data").write_text("of a run")
frozen = subprocess.Popen(
    [sys.executable, "-c", "import signal; signal.pause()", mark], start_new_session=True
)
os.kill(frozen.pid, signal.SIGSTOP)
print("begun", flush=True)
signal.pause()
"""


def marked(mark: str) -> list[int]:
    """Our own processes with this word in their command lines."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if mark.encode() in file.read_bytes():
                found.append(int(file.parent.name))
        except OSError:  # it has just ended
            continue
    return found


@pytest.mark.skipif(may_enclose() is None, reason="this machine allows no namespaces")
def test_a_killed_run_leaves_no_mount_and_no_process(tmp_path: Path) -> None:
    mark = f"mark-{uuid4()}"
    command = [sys.executable, "-c", OUTER, INNER, str(tmp_path), mark]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "begun\n"
        assert len(marked(mark)) > 1
        assert list(tmp_path.iterdir()) == []  # nobody outside sees what is mounted
        os.kill(run.pid, signal.SIGKILL)
    for _ in range(ATTEMPTS):
        if not marked(mark):
            break
        time.sleep(POLL_SECONDS)
    assert marked(mark) == []
    assert str(tmp_path) not in Path("/proc/self/mountinfo").read_text()


def test_an_enclosed_command_is_run_as_it_is() -> None:
    told = subprocess.run(
        enclosed([sys.executable, "-c", "print('told')"]), capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout) == (0, "told\n")


def test_an_enclosed_command_tells_how_it_ended() -> None:
    ended = subprocess.run(enclosed([sys.executable, "-c", "raise SystemExit(3)"]), check=False)
    assert ended.returncode == 3
