"""SIGTERM while a service still starts. The kernel keeps it from the first process of a container that has
not asked for it; here the process ignores it, which is the same.
"""

import subprocess
import sys

import pytest

from tests.worlds.patience import DEADLINE_SECONDS

AS_FIRST_PROCESS = """
import os, runpy, signal, sys

class Stopping:
    def find_spec(self, name, path=None, target=None):
        if name == "pydantic":
            os.kill(os.getpid(), signal.SIGTERM)

signal.signal(signal.SIGTERM, signal.SIG_IGN)
sys.meta_path.insert(0, Stopping())
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize("service", ["ingest", "status", "processor", "notifier"])
def test_a_service_that_is_stopped_during_its_imports_ends_at_once(service: str) -> None:
    """R23: it went on until it was killed, a minute later."""
    command = [sys.executable, "-c", AS_FIRST_PROCESS, f"services.{service}"]
    ended = subprocess.run(command, env={}, capture_output=True, check=False, timeout=DEADLINE_SECONDS)
    assert (ended.returncode, ended.stderr) == (143, b"")


INTERRUPTED = """
import os, runpy, signal, sys

def interrupt(event, _):
    if event == "socket.connect":
        os.kill(os.getpid(), signal.SIGINT)

sys.addaudithook(interrupt)
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


@pytest.mark.parametrize(
    "program",
    [
        ["topics", "check"],
        ["rights", "grant"],
        ["dead_letters", "list"],
        ["rewind", "notifier", "request.completed", "--since", "2026-11-21T03:00:00Z"],
    ],
)
def test_an_operator_who_interrupts_a_program_sees_no_traceback(program: list[str]) -> None:
    command = [sys.executable, "-c", INTERRUPTED, f"shared.{program[0]}", *program[1:]]
    broker = {"KAFKA_BOOTSTRAP": "127.0.0.1:1"}
    ended = subprocess.run(command, env=broker, capture_output=True, check=False, timeout=DEADLINE_SECONDS)
    assert (ended.returncode, ended.stderr) == (130, b"")
