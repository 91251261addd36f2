"""The command as somebody calls it: in this process, or as one of its own where signals and pipes matter."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from pixmill.command.__main__ import main
from pixmill.testing import FakePixmill

from tests.unit.client.conftest import PRODUCTS

ROOT = Path(__file__).parents[4]
ID = "01900000-0000-7000-8000-000000000000"  # of the first request of a fake server


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


Pixmill = Callable[..., Ran]
Start = Callable[..., "subprocess.Popen[bytes]"]
Shell = Callable[[str], "subprocess.CompletedProcess[bytes]"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    place = tmp_path / "home"
    place.mkdir()
    return place


@pytest.fixture
def environment(server: FakePixmill, home: Path) -> dict[str, str]:
    """Nothing of whoever runs the tests; its keyring is none."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PIXMILL_URL": server.url,
        "PYTHONPATH": str(ROOT / "client/src"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "PYTHONIOENCODING": "utf-8",
        "COLUMNS": "100",
    }


@pytest.fixture
def pixmill(
    environment: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Pixmill:
    """Runs it in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path, **variables: str) -> Ran:
        with monkeypatch.context() as patched:
            _become(patched, environment | variables)
            patched.setattr(sys, "argv", ["pixmill", *map(str, arguments)])
            code = _code_of_main()
        told = capfd.readouterr()
        return Ran(code, told.out, told.err)

    return run


def _code_of_main() -> int:
    try:
        main()
    except SystemExit as end:
        return cast("int", end.code or 0)
    return 0


def _become(patched: pytest.MonkeyPatch, environment: Mapping[str, str]) -> None:
    for name in set(os.environ) - set(environment):
        patched.delenv(name)
    for name, value in environment.items():
        patched.setenv(name, value)


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Starts it as a process of its own."""
    running: list[subprocess.Popen[bytes]] = []

    def begin(*arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
        variables = environment | options.pop("variables", {})
        command = [sys.executable, "-m", "pixmill.command", *map(str, arguments)]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        running.append(subprocess.Popen(command, env=variables, cwd=tmp_path, **pipes))
        return running[-1]

    yield begin
    for process in running:
        process.kill()
        process.communicate()


@pytest.fixture
def in_a_shell(environment: dict[str, str], file: Path) -> Shell:
    def run(line: str) -> "subprocess.CompletedProcess[bytes]":
        command = ["sh", "-c", f"{sys.executable} -m pixmill.command {line}"]
        return subprocess.run(command, check=False, capture_output=True, env=environment, cwd=file.parent)

    return run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "products.csv"
    path.write_bytes(PRODUCTS)
    return path
