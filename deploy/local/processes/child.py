"""One process of the stack: started in a session of its own, watched, and ended with all it started.

It must not know what the process is for, nor when it should be restarted.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.local.processes.log_end import LogEnd
from deploy.local.processes.patience import Patience
from deploy.local.processes.processes import ProcessId, identify
from deploy.local.servers.account import Account

LAUNCHER = Path(__file__).with_name("launch.py")
LOG_LIMIT_BYTES = 20_000_000
POLL_SECONDS = 0.05
WARNING = "warning: "
LAST_RESORT_SECONDS = 3.0

Pause = Callable[[float], None]
Sessions = Callable[[], Collection[int]]  # each by the pid of its first process
StopSignals = Iterator[tuple[signal.Signals, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """What to start, and how to stop it: by each of these signals, with the seconds to wait after it."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path
    log: Path
    full_log: Path | None = None  # of a program that writes only grave things to `log`
    stop_signals: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 10.0),)
    account: Account | None = None
    niceness: int = 0  # of it and of all that it starts, beside the other programs
    given: str = ""  # on its standard input: a line or two


class ProgramFailed(Exception):  # noqa: N818 - an outcome of a program
    """A program ended badly or stood still. The message is for a person: one sentence, then the end of its
    log where it has one.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Child:
    """A started program. Start it in the main thread: the kernel ends a child with its parent thread."""

    def __init__(self, program: Program) -> None:
        self.program = program
        program.log.parent.mkdir(parents=True, exist_ok=True)
        _make_room(program.log)
        self._log = LogEnd(program.log)
        self._full_log = LogEnd(program.full_log) if program.full_log else None
        with program.log.open("ab") as log:
            self._process = subprocess.Popen(
                _launch_command(program),
                cwd=program.folder,
                env=dict(program.environment),
                stdin=subprocess.PIPE if program.given else subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if self._process.stdin:
            with self._process.stdin as given:
                given.write(program.given.encode())
        self.pid = self._process.pid
        self.identity: ProcessId = identify(self.pid)

    def status(self) -> int | None:
        """The exit status once it has ended, negative for a signal; the rest of its group is killed first."""
        if self._process.returncode is not None:
            return self._process.returncode
        # Not reaped yet, so nobody else can have its number as a group.
        if os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        _signal_group(self.pid, signal.SIGKILL)
        return self._process.wait()

    def send(self, number: signal.Signals) -> None:
        if self.status() is None:
            os.kill(self.pid, number)

    def last_words(self) -> str:
        """The last line that it wrote, for the person at the terminal."""
        return self._log.last_words() or "it wrote nothing"

    def last_lines(self) -> str:
        """The last lines that it wrote and where they stand: the end of a sentence about it."""
        if self._full_log and not self._log.last_words():
            return self._full_log.told()
        return self._log.told()

    def warnings(self) -> Sequence[str]:
        """What it warned of, for the same person."""
        return [line.strip() for line in self._log.lines() if line.startswith(WARNING)]


def stop(children: Iterable[Child]) -> None:
    """Ends all side by side, each by its own signals, at last by SIGKILL; returns when none is left."""
    endings = [(child, time.monotonic(), iter(child.program.stop_signals)) for child in children]
    while endings := [ending for ending in endings if ending[0].status() is None]:
        endings = [(child, *_press(child, due, signals)) for child, due, signals in endings]
        time.sleep(POLL_SECONDS)


def run_to_end(
    program: Program,
    *,
    seconds: float,
    pause: Pause = time.sleep,
    spawn: Callable[[Program], Child] = Child,
    beside: Sessions = tuple,
) -> Sequence[str]:
    """Runs a program that ends by itself, and returns what it warned of. Raises `ProgramFailed` for one that
    fails, and for one that stands still for so many seconds, which is ended. It does not stand still while
    those `beside` it work, whom it may need.
    """
    child = spawn(program)
    patience = Patience(sessions=lambda: (child.pid, *beside()), seconds=seconds)
    try:
        while (status := child.status()) is None:
            if cause := patience.exhausted():
                raise ProgramFailed(f"{program.name} did not end, and {cause}{child.last_lines()}")
            pause(POLL_SECONDS)
    finally:
        stop([child])
    if status != 0:
        raise ProgramFailed(f"{program.name} failed: {how_it_ended(status)}{child.last_lines()}", status)
    return child.warnings()


def how_it_ended(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"killed by {signal.Signals(-status).name}"


def in_brackets(said: str) -> str:
    """What a program says of itself, within a sentence about it; nothing where it says nothing."""
    return f" ({said})" if said else ""


def _press(child: Child, due: float, signals: StopSignals) -> tuple[float, StopSignals]:
    if time.monotonic() < due:
        return due, signals
    number, seconds = next(signals, (signal.SIGKILL, LAST_RESORT_SECONDS))
    child.send(number)
    child.send(signal.SIGCONT)  # a frozen process hears no signal but this one and SIGKILL
    return time.monotonic() + seconds, signals


def _launch_command(program: Program) -> list[str]:
    death_signal, _ = program.stop_signals[0]
    return [*tied_to_us(death_signal, program.account, program.niceness), *program.command]


def tied_to_us(death_signal: signal.Signals, account: Account | None = None, niceness: int = 0) -> list[str]:
    """What stands before a command so that it gets this signal when our thread is gone."""
    folders = "closed" if account and account.needs_to_pass_closed_folders else "open"
    launcher = [sys.executable, "-I", "-S", str(LAUNCHER)]
    name = account.name if account else ""
    return [*launcher, str(os.getpid()), death_signal.name, name, folders, str(niceness)]


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return  # empty, or only the zombie itself


def _make_room(log: Path) -> None:
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".log.1"))
