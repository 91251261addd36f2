"""tools/go_tool.sh: a tool is built once for all checkouts. Go is one of the test's here."""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.worlds.patience import DEADLINE_SECONDS

ROOT = Path(__file__).parents[3]
GO = """#!/bin/sh
case $1 in
  version) cat "$GO_SAYS/version" ;;
  build)
    echo built >> "$GO_SAYS/builds"
    while [ -e "$GO_SAYS/wait" ]; do sleep 0.01; done
    [ ! -e "$GO_SAYS/break" ] || { echo no such module; exit 1; }
    printf '#!/bin/sh\\necho served' > "$3/kettle"; chmod +x "$3/kettle" ;;
esac
"""


@dataclass(frozen=True)
class Machine:
    """A checkout with one tool, a Go and a user's cache."""

    folder: Path

    @property
    def cache(self) -> Path:
        return self.folder / "cache" / "pixmill" / "tools"

    @property
    def tool(self) -> Path:
        return self.folder / "venv" / "tools" / "kettle"

    @property
    def builds(self) -> int:
        return len((self.folder / "builds").read_text().splitlines())

    def environment(self) -> Mapping[str, str]:
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
            "TMPDIR": str(self.folder),
            "GO_SAYS": str(self.folder),
        }

    def start(self) -> subprocess.Popen[str]:
        command = [str(self.folder / "tools" / "go_tool.sh"), "kettle", str(self.folder / "venv")]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, env=self.environment(), stdout=pipe, stderr=pipe, text=True)

    def bring(self) -> tuple[int | None, str, str]:
        with self.start() as process:
            said, complained = process.communicate(timeout=DEADLINE_SECONDS)
        return process.returncode, said, complained


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    for path in ("tools/kettle/go.mod", "tools/kettle/go.sum", "version", "venv/bin/go"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    (tmp_path / "venv/bin/go").write_text(GO)
    (tmp_path / "venv/bin/go").chmod(0o755)
    for script in ("go_tool.sh", "step.sh"):
        shutil.copy(ROOT / "tools" / script, tmp_path / "tools")
    return Machine(tmp_path)


def test_a_tool_is_built_once_and_linked_again_without_a_word(machine: Machine) -> None:
    code, said, complained = machine.bring()
    assert (code, complained) == (0, "")
    assert said.startswith("tools: building kettle … ")
    shutil.rmtree(machine.folder / "venv" / "tools")
    assert machine.bring() == (0, "", "")
    assert subprocess.check_output(machine.tool, text=True) == "served\n"
    assert machine.builds == 1


@pytest.mark.parametrize("changed", ["tools/kettle/go.mod", "tools/kettle/go.sum", "version"])
def test_another_source_or_another_go_makes_another_build(machine: Machine, changed: str) -> None:
    machine.bring()
    first = machine.tool.resolve()
    (machine.folder / changed).write_text("another")
    machine.bring()
    assert machine.builds == 2
    assert machine.tool.resolve() != first


def test_a_failed_build_shows_why_and_leaves_nothing(machine: Machine) -> None:
    (machine.folder / "break").touch()
    code, _, complained = machine.bring()
    assert code == 1
    assert complained.startswith("no such module\n")
    assert (list(machine.cache.iterdir()), machine.tool.exists()) == ([], False)
    (machine.folder / "break").unlink()
    assert machine.bring()[0] == 0


def test_two_at_once_build_once(machine: Machine) -> None:
    (machine.folder / "wait").touch()
    first = machine.start()
    assert first.stdout is not None
    assert first.stdout.read(1) == "t"  # it has the turn and is building
    second = machine.start()
    assert second.stdout is not None
    assert second.stdout.readline() == "tools: another make is building\n"
    (machine.folder / "wait").unlink()
    with first, second:
        assert (first.wait(DEADLINE_SECONDS), second.wait(DEADLINE_SECONDS)) == (0, 0)
    assert machine.builds == 1
    assert len(list(machine.cache.iterdir())) == 1
