"""Counts what one process asks of the kernel while a block runs: by perf, which slows nothing, or by strace,
which stops the process at each call. Where the kernel allows neither, nothing is counted, and that is said.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

TRY_SECONDS = 20.0
CALLS = ("futex", "getpid", "fsync", "epoll_pwait")
_PERF = "syscalls:sys_enter_"

Counts = Mapping[str, int]  # by the name of the call


@dataclass(frozen=True, slots=True)
class Tracer:
    """How a process that runs is looked at: all of its threads, and no process that it started before."""

    name: str
    is_free: bool  # what is traced runs as fast as ever
    command: Callable[[int, Path], Sequence[str]]  # of a pid, and where the counts go
    counts: Callable[[str], Counts]


@dataclass(slots=True)
class Traced:
    """What was counted, once the block has ended."""

    counts: dict[str, int] = field(default_factory=dict)


def usable_tracer() -> Tracer | None:
    """The first that really counts here: it is tried on this process."""
    return next((tracer for tracer in (PERF, STRACE) if _works(tracer)), None)


def _works(tracer: Tracer) -> bool:
    if shutil.which(tracer.name) is None:
        return False
    try:
        with traced(tracer, os.getpid()) as seen:
            pass
    except (OSError, subprocess.SubprocessError):
        return False
    return seen.counts.get("getpid", 0) > 0


@contextmanager
def traced(tracer: Tracer, pid: int) -> Iterator[Traced]:
    seen = Traced()
    with tempfile.TemporaryDirectory(prefix="pixmill-bench-") as folder:
        file = Path(folder, "counts")
        command = tracer.command(pid, file)
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as tracing:
            try:
                _until_it_counts(tracing)
                yield seen
            finally:
                tracing.send_signal(signal.SIGINT)
                tracing.communicate(timeout=TRY_SECONDS)
        seen.counts.update(tracer.counts(file.read_text()))


def _until_it_counts(tracing: subprocess.Popen[bytes]) -> None:
    """Neither says when it has begun: strace has attached by then, perf needs a moment."""
    for _ in range(20):
        os.getpid()
        time.sleep(0.02)
        if tracing.poll() is not None:
            raise ChildProcessError(f"it ended with {tracing.returncode}")


def _perf_command(pid: int, file: Path) -> Sequence[str]:
    events = ",".join(_PERF + call for call in CALLS)
    return ["perf", "stat", "-x", ",", "-e", events, "-p", str(pid), "-o", str(file)]


def perf_counts(told: str) -> Counts:
    """`853,,syscalls:sys_enter_getpid,…`; `<not counted>` for a process that did nothing meanwhile."""
    lines = [line.split(",") for line in told.splitlines() if _PERF in line]
    return {name.removeprefix(_PERF): int(count) for count, _, name, *_ in lines if count.isdecimal()}


def _strace_command(pid: int, file: Path) -> Sequence[str]:
    return ["strace", "-c", "-f", "-q", "-e", f"trace={','.join(CALLS)}", "-p", str(pid), "-o", str(file)]


def strace_counts(told: str) -> Counts:
    """Lines of `% time, seconds, usecs/call, calls, errors (often none), syscall`."""
    rows = [line.split() for line in told.splitlines()]
    return {row[-1]: int(row[3]) for row in rows if row and row[-1] in CALLS}


PERF = Tracer("perf", is_free=True, command=_perf_command, counts=perf_counts)
STRACE = Tracer("strace", is_free=False, command=_strace_command, counts=strace_counts)
