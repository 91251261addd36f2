"""A decoder child whose service is gone ends without a word."""

import os
import socket
import subprocess
import sys

import pytest

from tests.worlds.deployment.deployed import ROOT
from tests.worlds.patience import DEADLINE_SECONDS

MEMORY_BYTES = 4 * 1024**3
CHILD = "services.processor.decoders.child"


def test_a_child_whose_service_ends_while_it_starts_leaves_no_traceback_in_the_log() -> None:
    """R21"""
    done = begun_for_nobody([])
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("limits", ["ulimit -v 3000000", "ulimit -n 32"])
def test_a_child_of_a_service_that_was_given_less_begins_with_that(limits: str) -> None:
    """R21: none began where the service's own limit was below DECODER_MEMORY_BYTES, and no image was made."""
    done = begun_for_nobody(["sh", "-c", f'{limits}; exec "$@"', "sh"])
    assert (done.returncode, done.stderr) == (0, "")


def begun_for_nobody(within: list[str]) -> subprocess.CompletedProcess[str]:
    ours, its = socket.socketpair()
    ours.close()
    with its:
        numbers = map(str, (its.fileno(), os.getpid(), MEMORY_BYTES, 10))
        return subprocess.run(
            [*within, sys.executable, "-m", CHILD, *numbers],
            cwd=ROOT,
            pass_fds=[its.fileno()],
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )
