"""R28: how each command is used is told by itself, and what is wrong with a use before anything is sent."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from pixmill import __version__
from pixmill.command.app import COMMANDS
from pixmill.testing import FakePixmill

from tests.unit.client.command.conftest import Pixmill, Start


def test_a_shell_completes_commands_and_options(start: Start) -> None:
    for words, completed in (("pixmill up", "upload"), ("pixmill upload --qua", "--quality")):
        variables = {
            "_PIXMILL_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(words.count(" ")),
        }
        out, _ = start(variables=variables).communicate()
        assert out.decode().split() == [completed]


@pytest.mark.parametrize(
    "arguments",
    [["foo"], ["upload"], ["upload", "none.csv"], ["upload", "x", "--quality", "0"], ["status", "--nonsense"],
     ["upload", "a", "b", "-o", "c"], ["upload", "a", "--columns", "{"], ["trigger", "ftp://x"], ["tap"],
     ["--url", "http://x"], ["--profile", "a"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_is_2(pixmill: Pixmill, arguments: list[str]) -> None:
    assert pixmill(*arguments).code == 2
    ran = pixmill(*arguments, "--json")
    told = json.loads(ran.out.splitlines()[-1])
    assert (ran.code, ran.err, told["kind"], told["exit_code"]) == (2, "", "error", 2)
    assert "" not in (told["error"], told["way_out"])


@pytest.mark.parametrize(
    "arguments", [["--json"], ["--json", "--url", "http://x"], ["--profile=a", "--json"]]
)
def test_options_without_a_command_are_told_as_that(pixmill: Pixmill, arguments: list[str]) -> None:
    told = json.loads(pixmill(*arguments).out)
    assert (told["error"], told["way_out"]) == ("Missing command.", "`pixmill --help` says how it is used.")


def test_a_file_that_cannot_be_read_is_told_with_what_to_look_at(pixmill: Pixmill, tmp_path: Path) -> None:
    (tmp_path / "lists").mkdir()
    for command in ("upload", "validate"):
        missing = pixmill(command, "none.csv")
        assert (
            f"error: none.csv: No such file or directory.\n  Is the name right, as seen from {tmp_path}?"
            in (missing.err)
        )
        assert (
            "error: lists is a folder.\n  Name the files in it: lists/*.csv" in pixmill(command, "lists").err
        )


@pytest.mark.parametrize("command", ["upload", "validate"])
@pytest.mark.parametrize("name", ["", "."])
def test_a_name_that_is_empty_is_told_as_such(pixmill: Pixmill, command: str, name: str) -> None:
    ran = pixmill(command, name)
    assert (ran.code, ran.err.splitlines()) == (
        2,
        [
            "error: An empty name, as that of a variable that is not set, or a dot is a folder.",
            "  Name the files in it: *.csv",
        ],
    )


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_each_command_explains_itself(pixmill: Pixmill, command: str) -> None:
    ran = pixmill(*[command][: bool(command)], "--help")
    assert ran.code == 0
    assert ran.out.startswith("Usage: pixmill")
    assert pixmill(*[command][: bool(command)], "--help", COLUMNS="20").code == 0


def test_the_list_of_commands_says_each_in_a_whole_sentence(pixmill: Pixmill) -> None:
    told = pixmill("--help", COLUMNS="80").out
    assert "--version" in told
    assert "..." not in told.partition("Commands:")[2]
    assert pixmill("--json", "--help", COLUMNS="80").out == told
    assert pixmill("--url", "http://x", "-h", COLUMNS="80").out == told
    for arguments in (["--version"], ["-V"], ["--version", "list"], ["--json", "-V"], ["-V", "--json"]):
        assert pixmill(*arguments).out == f"pixmill {__version__}\n"


@pytest.mark.parametrize("columns", ["5", "[]", "null", '"Picture"'])
@pytest.mark.parametrize("command", ["upload", "validate"])
def test_columns_that_are_no_object_are_told_before_anything_is_sent(
    pixmill: Pixmill, server: FakePixmill, file: Path, command: str, columns: str
) -> None:
    ran = pixmill(command, file, "--columns", columns)
    assert (ran.code, "--columns is no JSON object." in ran.err, server.calls) == (2, True, [])


@pytest.mark.parametrize("given", ["", " "])
@pytest.mark.parametrize("command", [["status"], ["watch"], ["delete", "--yes"], ["download"], ["open"]])
def test_an_id_that_is_empty_is_told(
    pixmill: Pixmill, server: FakePixmill, command: list[str], given: str
) -> None:
    """As of a script's variable that was never set."""
    ran = pixmill(*command, given)
    assert (ran.code, "it is empty" in ran.err, server.calls) == (2, True, [])


def test_what_is_slow_to_import_comes_after_the_first_line(environment: dict[str, str]) -> None:
    """First output within 150 ms of CPU: `python -m bench --only command_start` measures it."""
    code = (
        "import sys, pixmill.command.verbs.upload as u\n"
        "from pixmill.command.app import app_of\n"
        "app_of(['upload'])\n"
        "slow = {'httpx', 'rich', 'keyring', 'asyncio', 'pydantic', 'ssl', 'email.parser'}\n"
        "print(sorted(slow & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert ran.stdout.decode().strip() == "[]"
