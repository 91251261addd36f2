"""tools/step.sh: what a person sees while things are installed."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def step(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    told = {"PATH": "/usr/bin:/bin", "TMPDIR": str(folder)}
    return subprocess.run(
        [ROOT / "tools" / "step.sh", "making tea", "sh", "-c", command],
        env=told,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_step_is_one_line_with_its_seconds_and_leaves_nothing(tmp_path: Path) -> None:
    done = step(tmp_path, "echo much; echo more >&2")
    assert (done.returncode, done.stderr, list(tmp_path.iterdir())) == (0, "", [])
    said, _, seconds = done.stdout.partition(" … ")
    assert said == "making tea"
    number, unit = seconds.split()
    assert (number.isdecimal(), unit) == (True, "s")


@pytest.mark.parametrize("code", [1, 7])
def test_a_failed_step_shows_the_end_of_its_log_and_keeps_it(tmp_path: Path, code: int) -> None:
    done = step(tmp_path, f"seq 1000; echo no water >&2; exit {code}")
    assert done.returncode == code
    assert done.stdout.startswith("making tea … failed after ")
    (log,) = tmp_path.iterdir()
    *shown, where = done.stderr.splitlines()
    assert shown == [*map(str, range(982, 1001)), "no water"]
    assert where.endswith(str(log))
    assert log.read_text().startswith("1\n2\n")


@pytest.mark.parametrize(
    "said",
    [
        "Temporary failure in name resolution",
        "dial tcp: lookup proxy.test: no such host",
        "npm error code EAI_AGAIN",
        "Could not resolve 'deb.test'",
        "failed to lookup address information",
    ],
)
def test_a_step_that_reaches_nobody_says_that_there_is_no_network(tmp_path: Path, said: str) -> None:
    *_, last = step(tmp_path, f'echo "{said}"; exit 1').stderr.splitlines()
    assert last.startswith("no network: ")


def test_another_failure_is_not_put_down_to_the_network(tmp_path: Path) -> None:
    assert "no network" not in step(tmp_path, "echo no water; exit 1").stderr
