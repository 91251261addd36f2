"""Whoever only asks what a command does starts nothing by it."""

import os
import subprocess
import sys

import pytest

from chaos.mutants.catalogue import MUTANTS
from tests.worlds.patience import DEADLINE_SECONDS

MODULES = ("deploy.demo", "deploy.local", "chaos.live", "chaos.simulation")
OTHERS = (
    "chaos.model",
    "chaos.mutants",
    "bench",
    "bench.plots",
    "tests.terminal",
    "tests.browser.screenshots",
)


def run(module: str, argument: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", module, argument]
    return subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False)


@pytest.mark.parametrize("module", MODULES)
def test_help_is_printed_and_nothing_is_started(module: str) -> None:
    ended = run(module, "--help")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"usage: python -m {module} [-h]")
    assert "environment variables" in ended.stdout


@pytest.mark.parametrize("module", OTHERS)
def test_so_it_is_where_no_settings_are_told(module: str) -> None:
    helped, refused = run(module, "--help"), run(module, "--nope")
    assert (helped.returncode, helped.stdout.startswith(f"usage: python -m {module} [-h]")) == (0, True)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "unrecognized arguments: --nope" in refused.stderr


def test_a_mutant_that_nobody_knows_is_told_beside_those_there_are() -> None:
    ended = run("chaos.mutants", "no-such-one")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert f"no mutant has no-such-one in its name; there are {MUTANTS[0].name}; " in ended.stderr


@pytest.mark.parametrize("module", MODULES)
def test_an_argument_is_refused_and_nothing_is_started(module: str) -> None:
    ended = run(module, "PORT_BASE=9000")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "unrecognized arguments: PORT_BASE=9000" in ended.stderr


@pytest.mark.parametrize(
    ("module", "name", "text"),
    [
        ("chaos.live", "SEED", "seven"),
        ("chaos.live", "SEED", "-1"),
        ("chaos.live", "CHAOS_SECONDS", "20m"),
        ("chaos.live", "CHAOS_SECONDS", "0"),
        ("chaos.live", "CHAOS_SECONDS", "inf"),
        ("chaos.simulation", "SEED", "1.5"),
        ("chaos.simulation", "SEEDS", "many"),
    ],
)
def test_a_number_that_is_none_is_told_in_one_line(module: str, name: str, text: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", module],
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
        check=False,
        env={**os.environ, name: text},
    )
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"{name}={text} is no whole number from ")
    assert len(ended.stderr.splitlines()) == 1
