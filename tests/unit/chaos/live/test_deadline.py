"""A run that takes too long ends whatever it is at, and tells it."""

import subprocess
import sys

from chaos.live.course.deadline import TOOK_TOO_LONG, Step, Steps, deadline

HANGS = """
import threading
from chaos.live.course.deadline import Step, Steps, deadline

with deadline(0.05, Steps(Step.GATHERING)):
    while True:
        threading.Event().wait()
"""


def test_a_run_that_hangs_ends_and_tells_in_which_step() -> None:
    ended = subprocess.run([sys.executable, "-c", HANGS], capture_output=True, text=True, check=False)
    assert ended.returncode == TOOK_TOO_LONG
    assert ended.stdout == "not done after 0.05 s: it was gathering what is left\n"


def test_a_run_that_is_done_is_left_alone() -> None:
    steps = Steps()
    with deadline(3_600.0, steps):
        steps.now = Step.JUDGING
    assert steps.now is Step.JUDGING
