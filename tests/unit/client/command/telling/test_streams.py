"""R28: a terminal, a pipe that nobody reads, streams that are closed, and a full disk behind one."""

import errno
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import IO, NoReturn

import pytest
from pixmill.command.verbs import upload
from pixmill.testing import FakePixmill

from tests.unit.client.command.conftest import ID, Pixmill, Shell, Start


def test_a_pipe_that_is_closed_ends_it_quietly(start: Start, file: Path, server: FakePixmill) -> None:
    process = start("list", "--json")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert (process.stderr.read(), process.wait() in (0, 141)) == (b"", True)


def test_a_closed_pipe_ends_an_upload_of_several_files(start: Start, file: Path, server: FakePixmill) -> None:
    """It is no failure of one file, after which the next one would be sent."""
    process = start("upload", *[file] * 20)
    assert process.stdout is not None
    process.stdout.close()
    process.communicate()
    assert (process.returncode, len(server.uploads)) == (141, 1)


@pytest.mark.parametrize("option", ["", "--watch", "--json"])
def test_what_was_accepted_is_told_where_nobody_reads(
    start: Start, file: Path, server: FakePixmill, option: str
) -> None:
    """As in `pixmill upload products.csv | true`: which request it is was told nowhere."""
    with nobody_reads() as pipe:
        process = start("upload", file, *option.split(), stdout=pipe)
        assert process.stderr is not None
        told, code = process.stderr.read(), process.wait()
    assert code == 141
    assert told.decode().splitlines()[-1].endswith(f"this shows how it goes: pixmill watch {ID}")


@pytest.mark.parametrize("option", ["", "--watch"])
def test_where_nobody_reads_either_stream_it_ends_as_where_nobody_reads_one(
    start: Start, file: Path, server: FakePixmill, option: str
) -> None:
    """As in `pixmill upload products.csv 2>&1 | true`."""
    with nobody_reads() as pipe:
        process = start("upload", file, *option.split(), stdout=pipe, stderr=pipe)
        assert process.wait() == 141


CLOSED = {"list >&-": 0, "list 2>&-": 0, "list <&- >&- 2>&-": 0, "upload - <&-": 1, "list nonsense 2>&-": 2}


@pytest.mark.parametrize("line", CLOSED)
def test_closed_streams_are_no_failure_of_their_own(in_a_shell: Shell, line: str) -> None:
    """As a scheduler may start it."""
    ran = in_a_shell(line)
    assert (ran.returncode, b"Traceback" in ran.stderr) == (CLOSED[line], False)


@pytest.mark.parametrize("option", ["", "--json"])
def test_a_full_disk_behind_standard_output_is_told(in_a_shell: Shell, option: str) -> None:
    ran = in_a_shell(f"upload products.csv {option} > /dev/full")
    assert ran.returncode == 1
    assert "error: No space left on device." in ran.stderr.decode().splitlines()
    assert b"Traceback" not in ran.stderr
    assert b"Exception ignored" not in ran.stderr


@pytest.mark.parametrize("option", ["", "--watch", "--json"])
def test_what_was_accepted_is_told_where_the_disk_is_full_not_to_be_uploaded_again(
    in_a_shell: Shell, option: str
) -> None:
    ran = in_a_shell(f"upload products.csv {option} > /dev/full")
    assert ran.stderr.decode().splitlines()[-2:] == [
        "error: No space left on device.",
        f"  It was accepted all the same; this shows how it goes: pixmill watch {ID}",
    ]


def test_which_file_the_system_refused_is_told_of_what_was_accepted_too(
    pixmill: Pixmill, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> NoReturn:
        raise OSError(errno.EIO, "Input/output error", "/mnt/keys")

    monkeypatch.setattr(upload, "watched", refused)
    ran = pixmill("upload", file, "--watch")
    assert ran.err.splitlines()[-2:] == [
        "error: /mnt/keys: Input/output error.",
        f"  It was accepted all the same; this shows how it goes: pixmill watch {ID}",
    ]


@pytest.mark.parametrize("line", ["--version", "-V", "--help", "upload --help"])
def test_texts_of_its_own_end_as_results_do(start: Start, in_a_shell: Shell, line: str) -> None:
    """Where nobody reads them any longer, and where the disk is full."""
    with nobody_reads() as pipe:
        process = start(*line.split(), stdout=pipe)
        assert process.stderr is not None
        assert (process.stderr.read(), process.wait()) == (b"", 141)
    ran = in_a_shell(f"{line} > /dev/full")
    assert (ran.returncode, ran.stderr.splitlines()[0]) == (1, b"error: No space left on device.")


def nobody_reads() -> IO[bytes]:
    """A pipe whose other side is closed."""
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "wb")


def on_a_terminal(arguments: list[str | Path], environment: dict[str, str], folder: Path) -> tuple[str, int]:
    """What is seen, and the exit code."""
    main, side = pty.openpty()
    command = [sys.executable, "-m", "pixmill.command", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=side, stderr=side, stdin=side, env=environment, cwd=folder)
    os.close(side)
    seen = b""
    while True:
        try:
            chunk = os.read(main, 65536)
        except OSError:  # how Linux says that the other side is closed
            break
        if not chunk:
            break
        seen += chunk
    os.close(main)
    return seen.decode(), process.wait()


@pytest.mark.parametrize(("width", "seen_of_it"), [("100", "100 %"), ("25", "")])
def test_on_a_terminal_there_is_a_bar_and_colour(
    environment: dict[str, str], file: Path, server: FakePixmill, width: str, seen_of_it: str
) -> None:
    seen, code = on_a_terminal(
        ["upload", file, "-w"], environment | {"TERM": "xterm", "COLUMNS": width}, file.parent
    )
    assert code == 0
    assert seen_of_it in seen
    assert "\x1b[32mcompleted\x1b[0m" in seen


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}])
def test_without_colour_there_is_none(
    environment: dict[str, str], file: Path, server: FakePixmill, variables: dict[str, str]
) -> None:
    seen, code = on_a_terminal(["upload", file, "-w"], environment | variables, file.parent)
    assert code == 0
    assert "\x1b[3" not in seen


def test_a_narrow_terminal_shows_the_state_the_percent_and_how_many(
    environment: dict[str, str], file: Path, server: FakePixmill
) -> None:
    narrow = environment | {"TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "40"}
    seen, _ = on_a_terminal(["upload", file, "-w"], narrow, file.parent)
    assert re.search("completed ━+ 100 % 3/3 images", seen)


def test_a_dumb_terminal_gets_the_lines_of_a_pipe(
    environment: dict[str, str], file: Path, server: FakePixmill
) -> None:
    """A bar would be an empty line there: whoever waits is told nothing until the end."""
    seen, _ = on_a_terminal(["upload", file, "-w"], environment | {"TERM": "dumb"}, file.parent)
    assert "completed  100 %  3/3 images" in seen
    seen, _ = on_a_terminal(["download", ID, "--images", "new"], environment | {"TERM": "dumb"}, file.parent)
    assert "3/3 images  306 B" in seen
