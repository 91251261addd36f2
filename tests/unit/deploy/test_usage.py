"""Whoever only asks what a command does starts nothing by it."""

import subprocess
import sys

import pytest

from tests.worlds.patience import DEADLINE_SECONDS

MODULES = ("deploy.demo", "deploy.local")


def run(module: str, argument: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, argument]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)


@pytest.mark.parametrize("module", MODULES)
def test_help_is_printed_and_nothing_is_started(module: str) -> None:
    ended = run(module, "--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"usage: python -m {module} [-h]")
    assert "environment variables" in ended.stdout


@pytest.mark.parametrize("module", MODULES)
def test_an_argument_is_refused_and_nothing_is_started(module: str) -> None:
    ended = run(module, "PORT_BASE=9000")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "unrecognized arguments: PORT_BASE=9000" in ended.stderr
