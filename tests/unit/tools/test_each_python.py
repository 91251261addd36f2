"""tools/each_python.sh: which Pythons the quick rings run on. Pythons, pyenv and make are the test's own."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[3]
MAKE = 'echo "make $*"; case "$*" in *3.12*) exit 2 ;; esac'


def each_python(folder: Path, programs: Mapping[str, str]) -> tuple[int, list[str]]:
    for name, text in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    for name in ("bash", "dirname"):
        (folder / name).symlink_to(shutil.which(name) or name)
    done = subprocess.run(
        [ROOT / "tools" / "each_python.sh"],
        env={"PATH": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout.splitlines()


def test_each_python_that_is_here_has_its_own_environment_and_the_others_a_line(tmp_path: Path) -> None:
    shim = "echo not chosen >&2; exit 127"
    pyenv = '[ "$*" = "prefix 3.13" ] && echo /versions/3.13.0'
    programs = {"make": MAKE, "python3.11": "exit 0", "python3.13": shim, "pyenv": pyenv}
    assert each_python(tmp_path, programs) == (
        0,
        [
            "make --no-print-directory test-quick PYTHON=python3.11 VENV=.venv-3.11",
            "make --no-print-directory test-quick PYTHON=/versions/3.13.0/bin/python3.13 VENV=.venv-3.13",
            "make --no-print-directory client-package PYTHON=python3.11 VENV=.venv",
            "make --no-print-directory client-package PYTHON=/versions/3.13.0/bin/python3.13 VENV=.venv",
            "Python 3.11: passed",
            "Python 3.12: not here",
            "Python 3.13: passed",
            "client on Python 3.10: not here",
            "client on Python 3.11: passed",
            "client on Python 3.12: not here",
            "client on Python 3.13: passed",
        ],
    )


def test_one_that_fails_does_not_keep_the_others_from_running(tmp_path: Path) -> None:
    programs = {"make": MAKE, "python3.12": "exit 0", "python3.13": "exit 0"}
    code, lines = each_python(tmp_path, programs)
    assert code == 1
    assert lines[-7:] == [
        "Python 3.11: not here",
        "Python 3.12: failed",
        "Python 3.13: passed",
        "client on Python 3.10: not here",
        "client on Python 3.11: not here",
        "client on Python 3.12: failed",
        "client on Python 3.13: passed",
    ]
