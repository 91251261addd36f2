"""R21: a log that nobody takes ends no work and holds none up."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import IO

import pytest

from shared.observing.log_output import LogOutput, output_to

ROOT = Path(__file__).parents[4]
SERVICE = """
import logging, sys
from shared.observing.logs import Action, configure_logs, log

configure_logs("test", "INFO")
log.info(Action.SERVICE_STARTED)
logging.getLogger("library").warning("of a library")
log.info(Action.SERVICE_STOPPED, exception="x" * 100_000)
print("done")
"""
FIRST_NUMBER = """
import os, subprocess, sys
from shared.observing.logs import configure_logs

configure_logs("test", "INFO")
opened = os.open(os.devnull, os.O_RDONLY)
child = subprocess.run([sys.executable, "-c", "import os; os.fstat(2)"])
sys.exit(opened if child.returncode == 0 else 1)
"""
METRIC = """
from shared.observing.metrics import LOG_LINES_LOST

print(LOG_LINES_LOST.collect()[0].samples[0].value)
"""


class Pipe:
    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()

    def read(self) -> str:
        return os.read(self.reading, 1_000_000).decode()


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    os.close(made.reading)
    os.close(made.writing)


def output(descriptor: int) -> LogOutput:
    return LogOutput(descriptor=descriptor, tells=lambda lines: f"{lines} lost\n")


def ran(stderr: int | IO[bytes], service: str = SERVICE) -> str:
    """What the service printed to another stream at its end."""
    command = [sys.executable, "-c", service]
    return subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, check=True
    ).stdout.decode()


def test_a_full_disk_behind_the_log_ends_no_work() -> None:
    with Path("/dev/full").open("wb") as full:
        assert ran(full) == "done\n"


def test_while_no_line_gets_through_a_metric_tells_how_many_were_lost() -> None:
    with Path("/dev/full").open("wb") as full:
        assert ran(full, SERVICE + METRIC) == "done\n3.0\n"


def test_a_log_whose_reader_has_gone_ends_no_work() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        assert ran(writing) == "done\n"
    finally:
        os.close(writing)


def test_a_log_whose_reader_stands_still_holds_no_work_up(pipe: Pipe) -> None:
    assert ran(pipe.writing) == "done\n"
    first, second = pipe.read().splitlines()[:2]
    assert (json.loads(first)["event"], json.loads(second)["event"]) == ("service_started", "library_said")


def test_a_reader_that_goes_on_hears_how_many_lines_it_missed(pipe: Pipe) -> None:
    log = output(pipe.writing)
    written = 0
    while not log._lost:
        log.write(f"{written:1000}\n")
        written += 1
    log.write("lost as well\n")
    assert [line.strip() for line in pipe.read().splitlines()] == [str(each) for each in range(written - 1)]
    log.write("heard\n")
    log.write("all is well\n")
    assert pipe.read() == "heard\n2 lost\nall is well\n"
    assert log.lost_in_all == 2


def test_the_half_of_a_line_that_was_written_stands_alone(pipe: Pipe) -> None:
    log = output(pipe.writing)
    log.write("x" * 1_000_000 + "\n")
    assert set(pipe.read()) == {"x"}
    log.write("whole\n")
    assert pipe.read() == "\nwhole\n1 lost\n"


def test_a_line_that_comes_while_its_thread_writes_one_is_written_too(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a task with an error that nobody heard, when Python collects it in the middle of a line."""
    log, write = output(pipe.writing), os.write

    def collects(descriptor: int, line: bytes) -> int:
        monkeypatch.setattr(os, "write", write)
        log.write("of a task\n")
        return write(descriptor, line)

    monkeypatch.setattr(os, "write", collects)
    log.write("a line\n")
    assert pipe.read() == "of a task\na line\n"


def test_a_process_without_standard_error_writes_to_no_other_file() -> None:
    assert output_to(None, str).write("a line\n") == len("a line\n")


def test_where_standard_error_is_kept_in_memory_the_process_s_own_is_written_to(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Under `pytest --capture=sys` each test failed."""
    output_to(StringIO(), str).write("a line\n")
    assert capfd.readouterr().err == "a line\n"


@pytest.mark.parametrize("closed", ["0<&- 1>&- 2>&-", "1>&-", "2>&-"])
def test_nothing_gets_the_number_of_a_stream_that_a_process_was_started_without(closed: str) -> None:
    """R21: the event loop got that of standard error, and each service was aborted at its end."""
    command = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-c", FIRST_NUMBER]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode > 2
