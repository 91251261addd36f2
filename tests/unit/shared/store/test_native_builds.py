"""What is built from C where there is a compiler, and what a build leaves and says where it fails."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.worlds.deployment.deployed import ROOT

BUILDS = {
    "store": (ROOT / "shared/store/native/build.sh", "write_files"),
    "processor": (ROOT / "services/processor/native/build.sh", "requantise"),
}


@pytest.fixture(params=BUILDS)
def build(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Path]:
    """The script in a folder of its own, and what was built there before."""
    script, name = BUILDS[request.param]
    (tmp_path / f"{name}.c").write_text("int broken\n")
    built = tmp_path / f"{name}.so"
    built.write_bytes(b"of an older source")
    return Path(shutil.copy(script, tmp_path)), built


def built_by(script: Path, compiler: Path | str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": "/usr/bin:/bin", "CC": str(compiler)}
    return subprocess.run([script], env=environment, capture_output=True, text=True, check=True)


def compiler_that(folder: Path, does: str) -> Path:
    path = folder / "compiler"
    path.write_text(f'#!/bin/sh\ncase "$*" in *-E*) exit 0;; esac\n{does}\n')
    path.chmod(0o755)
    return path


def test_without_a_compiler_what_an_older_source_made_is_gone(build: tuple[Path, Path]) -> None:
    script, built = build
    told = built_by(script, "no-such-compiler")
    assert not built.exists()
    assert "C compiler" in told.stderr


def test_a_source_that_cannot_be_compiled_is_told_and_leaves_nothing(
    build: tuple[Path, Path], tmp_path: Path
) -> None:
    script, built = build
    told = built_by(script, compiler_that(tmp_path, "echo 'error: here' >&2; exit 1"))
    assert not built.exists()
    assert "error: here" in told.stderr


def test_what_is_built_takes_the_place_of_what_was(build: tuple[Path, Path], tmp_path: Path) -> None:
    script, built = build
    built_by(script, compiler_that(tmp_path, 'while [ "$1" != -o ]; do shift; done; echo new > "$2"'))
    assert built.read_text() == "new\n"
    assert sorted(path.suffix for path in tmp_path.iterdir()) == ["", ".c", ".sh", ".so"]
