"""R28: docs/command.md and the man page say of the command what it is."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from pixmill.command.app import COMMANDS
from pixmill.command.telling.exits import Exit

from tests.writers.command import MANUAL, PAGE, manual, with_reference

TEXT = PAGE.read_text("utf-8")


def test_the_reference_and_the_man_page_are_those_of_the_code() -> None:
    """After a command or an option has changed: `python -m tests.writers.command`."""
    assert with_reference(TEXT) == TEXT
    assert MANUAL.read_text("utf-8") == manual()


@pytest.mark.parametrize("code", list(Exit))
def test_each_exit_code_stands_in_the_page(code: Exit) -> None:
    assert f"| {code.value} |" in TEXT


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_its_section(name: str) -> None:
    assert f"\n### `pixmill {name}" in TEXT


@pytest.mark.skipif(shutil.which("groff") is None, reason="nothing to read a man page with")
def test_the_man_page_is_understood() -> None:
    command = ["groff", "-man", "-Tascii", "-P-cbou", "-ww", str(MANUAL)]
    ran = subprocess.run(command, capture_output=True, check=True)
    assert (ran.stderr, b"doctor" in ran.stdout) == (b"", True)


def test_each_kind_of_json_line_stands_in_the_page() -> None:
    sources = Path(sys.modules["pixmill.command"].__path__[0]).rglob("*.py")
    kinds = {part.split('"')[0] for file in sources for part in file.read_text().split('.data("')[1:]}
    assert len(kinds) > 10
    assert [kind for kind in sorted(kinds) if f"| `{kind}` |" not in TEXT] == []
