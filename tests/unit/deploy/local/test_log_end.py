"""A failed start or demo shows the last lines that matter, and none of an earlier run."""

from pathlib import Path

import pytest

from deploy.local.own_stack import StackFailed, own_stack
from deploy.local.processes.log_end import TOLD_LINES, LogEnd
from deploy.local.troubles import Troubles

INFO = '{"event": "http_answered", "level": "info"}\n'
NOT_READY = '{"route": "/readyz", "event": "http_answered", "level": "warning"}\n'
WARNING = '{"event": "dependency_away", "level": "warning"}\n'


@pytest.fixture
def log(tmp_path: Path) -> Path:
    log = tmp_path / "status.log"
    log.write_text("of an earlier run\n")
    return log


def write(log: Path, text: str) -> None:
    with log.open("a") as opened:
        opened.write(text)


def test_the_last_lines_of_this_run_are_told_with_the_file_that_has_them(log: Path) -> None:
    end = LogEnd(log)
    write(log, "".join(f"line {number}\n\n" for number in range(9)))
    told = end.told().splitlines()
    assert told[0] == f"; {log} ends with"
    assert told[1:] == [f"    line {number}" for number in range(9 - TOLD_LINES, 9)]
    assert end.last_words() == "line 8"


def test_a_run_that_wrote_nothing_is_told_so(log: Path) -> None:
    assert LogEnd(log).told() == f"; it wrote nothing to {log}"
    assert LogEnd(log.with_name("other.log")).told() == f"; it wrote nothing to {log.with_name('other.log')}"


def test_a_log_that_was_begun_anew_is_read_from_its_start(log: Path) -> None:
    end = LogEnd(log)
    log.write_text("short\n")
    assert end.last_words() == "short"


def test_troubles_are_what_services_warned_of_in_this_run_and_which_of_them_died(log: Path) -> None:
    troubles = Troubles(log.parent)
    assert troubles.told() == ""
    write(log, INFO + WARNING + INFO * 1_000 + NOT_READY)
    log.with_name("stack.log").write_text(
        "Pixmill is ready.\npixmill: warning: no\nprocessor-0 died (exit status 1)\nstopping …\n"
    )
    log.with_name("migration.log").write_text("0 migration steps applied\n")
    log.with_name("kafka.log").write_text("WARNING: Unsafe\n2026 ERROR no leader\n")
    log.with_name("processor-0.log").write_text(INFO + "ValueError: no such picture\n")
    log.with_name("postgres.log").write_text("2026 LOG: starting\n2026 FATAL: no space left\n")
    assert troubles.told().splitlines() == [
        "kafka.log: 2026 ERROR no leader",
        "postgres.log: 2026 FATAL: no space left",
        "processor-0.log: ValueError: no such picture",
        "stack.log: processor-0 died (exit status 1)",
        f"status.log: {WARNING}".rstrip(),
    ]


def test_a_stack_of_ones_own_that_does_not_start_says_why(tmp_path: Path) -> None:
    with (
        pytest.raises(StackFailed, match=r"^the stack ended with exit status 78: wrong setting PROCESSORS: "),
        own_stack(tmp_path, PROCESSORS="many"),
    ):
        pass
