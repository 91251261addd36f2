"""Who starts or waits for programs judges by whether they stand still, and never by a busy machine."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.local.processes import processes
from deploy.local.processes.child import Program, ProgramFailed, run_to_end
from deploy.local.processes.patience import LOOK_SECONDS, Patience
from deploy.local.processes.processes import children_of, want_to_work
from tests.worlds.processes.freezing import freeze


@dataclass
class World:
    """A clock, and processes that want to work or not."""

    now: float = 100.0
    work: bool = True

    def patience(self, seconds: float, most_seconds: float = 1_000.0) -> Patience:
        return Patience(
            sessions=lambda: [1],
            seconds=seconds,
            most_seconds=most_seconds,
            clock=lambda: self.now,
            wanting=lambda _: self.work,
        )

    def look(self, patience: Patience, seconds: float) -> str | None:
        """Looks as often as a waiter does, for so long."""
        for _ in range(int(seconds / LOOK_SECONDS)):
            self.now += LOOK_SECONDS
            if cause := patience.exhausted():
                return cause
        return None


def test_whoever_works_is_waited_for_beyond_the_time_that_one_may_stand_still() -> None:
    world = World()
    assert world.look(world.patience(5), 500) is None


def test_whoever_stands_still_is_given_up_and_how_long_is_said() -> None:
    world = World(work=False)
    patience = world.patience(5)
    assert world.look(patience, 4.5) is None
    assert world.look(patience, 0.5) == "nothing has moved for 5 s"


def test_one_look_at_work_now_and_then_is_no_excuse_for_ever() -> None:
    world = World()
    patience = world.patience(5)
    for _ in range(4):
        world.work = True
        assert world.look(patience, 10) is None
        world.work = False
        assert world.look(patience, 1) is None
    assert world.look(patience, 1) == "nothing has moved for 5 s"


def test_progress_begins_the_waiting_anew() -> None:
    world = World(work=False)
    patience = world.patience(5)
    for _ in range(10):
        assert world.look(patience, 4) is None
        patience.progressed()


def test_whoever_works_without_an_end_is_given_up_too() -> None:
    world = World()
    assert world.look(world.patience(5, most_seconds=50), 60) == "50 s have passed"


def test_a_waiter_that_had_no_core_itself_does_not_count_its_own_absence() -> None:
    world = World(work=False)
    patience = world.patience(5)
    world.now += 500
    assert patience.exhausted() is None


@pytest.mark.parametrize(("code", "wants"), [("while True: pass", True), ("input()", False)])
def test_work_is_seen_in_a_session_and_in_what_it_started(code: str, wants: bool) -> None:  # noqa: FBT001
    """PostgreSQL's backends have sessions of their own."""
    starts = (
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {code!r}], start_new_session=True)"
    )
    for command in (code, starts):
        with subprocess.Popen(
            [sys.executable, "-c", f"print(flush=True)\n{command}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            assert seen_within_looks(process.pid, wants)
            for pid in (*children_of(process.pid), process.pid):
                os.kill(pid, 9)


def test_a_frozen_process_does_not_want_to_work() -> None:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"], start_new_session=True) as process:
        assert seen_within_looks(process.pid, wants=True)
        freeze(process.pid)
        assert not want_to_work(frozenset([process.pid]))
        process.kill()


def test_what_ends_during_the_look_wants_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process without its threads, as they are removed one after the other; and a thread of another one."""
    runs = "1 (x) R 1 1 1" + " 0" * 20
    for pid in ("10", "11"):
        (tmp_path / pid).mkdir()
        (tmp_path / pid / "stat").write_text(runs)
    for thread in ("11", "12", "13"):
        (tmp_path / "11" / "task" / thread).mkdir(parents=True)
    monkeypatch.setattr(processes, "PROC", tmp_path)
    assert not want_to_work(frozenset([10]))
    assert not want_to_work(frozenset([11]))
    (tmp_path / "11" / "task" / "12" / "stat").write_text(runs)
    assert want_to_work(frozenset([11]))


def test_a_step_that_stands_still_is_ended_and_its_last_lines_are_told(tmp_path: Path) -> None:
    log = tmp_path / "step.log"
    log.write_text("of an earlier run\n")
    code = "print('one\\ntwo', flush=True); import signal; signal.pause()"
    with pytest.raises(ProgramFailed) as failed:
        run_to_end(program(log, code), seconds=1.0)
    assert str(failed.value).splitlines() == [
        f"step did not end, and nothing has moved for 1 s; {log} ends with",
        "    one",
        "    two",
    ]


def test_a_step_that_works_is_not_ended(tmp_path: Path) -> None:
    """It uses a second and a half of a core, and may stand still for one."""
    code = "import time\nwhile time.process_time() < 1.5: pass"
    assert run_to_end(program(tmp_path / "step.log", code), seconds=1.0) == []


def test_a_step_that_fails_says_how_it_ended_and_its_last_lines(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match="step failed: killed by SIGKILL; it wrote nothing to ") as failed:
        run_to_end(program(tmp_path / "step.log", "import os; os.kill(os.getpid(), 9)"), seconds=1.0)
    assert failed.value.status == -9


def program(log: Path, code: str) -> Program:
    return Program(
        name="step", command=(sys.executable, "-c", code), environment={}, folder=log.parent, log=log
    )


def seen_within_looks(pid: int, wants: bool) -> bool:  # noqa: FBT001
    """It takes a moment until whoever will sleep sleeps, and until who will work has been started."""
    for _ in range(1_000):
        if want_to_work(frozenset([pid])) == wants:
            return True
        time.sleep(0.01)
    return False
