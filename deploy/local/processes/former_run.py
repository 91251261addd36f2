"""Keeps in a file which processes a run has started, so that the next one ends what a killed one left.

It must not know what the processes are.
"""

import os
import signal
import time
from pathlib import Path

from pydantic import BaseModel, ValidationError

from deploy.local.processes.child import LAST_RESORT_SECONDS, POLL_SECONDS, Child
from deploy.local.processes.processes import ProcessId, boot_id, in_session

ORDERLY_SECONDS = 15.0


class _Started(BaseModel):
    pid: int
    started_ticks: int
    stop_signal: int


class _FormerRun(BaseModel):
    boot_id: str
    started: list[_Started]


class StartedProcesses:
    """The file. It is written before a child can have done much, and replaced as a whole."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._started: list[_Started] = []

    def add(self, child: Child) -> None:
        stop_signal, _ = child.program.stop_signals[0]
        identity = child.identity
        self._started = [process for process in self._started if _members([process])]
        self._started.append(
            _Started(pid=identity.pid, started_ticks=identity.started_ticks, stop_signal=stop_signal)
        )
        self._write()

    def forget(self) -> None:
        self._file.unlink(missing_ok=True)

    def end_leftovers(self) -> int:
        """Ends what a former run left, orderly first, and says how many processes that were."""
        left = self._read()
        found = len(_members(left))
        for process in left:
            for member in _members([process]):
                _send(member, signal.Signals(process.stop_signal))
                _send(member, signal.SIGCONT)
        _wait_until_gone(left, ORDERLY_SECONDS)
        for member in _members(left):
            _send(member, signal.SIGKILL)
        _wait_until_gone(left, LAST_RESORT_SECONDS)
        self.forget()
        return found

    def _read(self) -> list[_Started]:
        try:
            record = _FormerRun.model_validate_json(self._file.read_bytes())
        except (FileNotFoundError, ValidationError):
            return []
        return record.started if record.boot_id == boot_id() else []

    def _write(self) -> None:
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(_FormerRun(boot_id=boot_id(), started=self._started).model_dump_json(), "ascii")
        unfinished.replace(self._file)


def _members(started: list[_Started]) -> list[ProcessId]:
    leaders = [ProcessId(process.pid, process.started_ticks) for process in started]
    return [member for leader in leaders for member in in_session(leader)]


def _wait_until_gone(started: list[_Started], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while _members(started) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def _send(process: ProcessId, number: signal.Signals) -> None:
    try:
        os.kill(process.pid, number)
    except (ProcessLookupError, PermissionError):
        return
