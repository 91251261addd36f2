"""A decoder child whose service is gone ends without a word."""

import os
import socket
import subprocess
import sys

from tests.worlds.deployment.deployed import ROOT
from tests.worlds.patience import DEADLINE_SECONDS

MEMORY_BYTES = 4 * 1024**3
CHILD = "services.processor.decoders.child"


def test_a_child_whose_service_ends_while_it_starts_leaves_no_traceback_in_the_log() -> None:
    """R21"""
    ours, its = socket.socketpair()
    ours.close()
    with its:
        numbers = map(str, (its.fileno(), os.getpid(), MEMORY_BYTES, 10))
        done = subprocess.run(
            [sys.executable, "-m", CHILD, *numbers],
            cwd=ROOT,
            pass_fds=[its.fileno()],
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
