"""Which processes there are, by /proc: an identity that a recycled pid cannot fake, sessions, signals.

It must not know why anyone asks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
SESSION_FIELD = 3  # of /proc/PID/stat, counted from the one after the command's name
START_FIELD = 19


@dataclass(frozen=True, slots=True)
class ProcessId:
    """A pid and when it was started, in clock ticks since boot."""

    pid: int
    started_ticks: int


def boot_id() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text().strip()


def identify(pid: int) -> ProcessId:
    """Of a process that exists: a child that nobody has reaped."""
    return ProcessId(pid, int(_stat(pid)[START_FIELD]))


def exists(process: ProcessId) -> bool:
    """Whether it still runs: one that only waits to be reaped does not."""
    return any(living == process for living, _ in _living())


def in_session(leader: ProcessId) -> list[ProcessId]:
    """The living members of the session that this process began, even when it is gone itself. There are none
    when its number belongs to another process by now.
    """
    try:
        if identify(leader.pid) != leader:
            return []
    except (FileNotFoundError, ProcessLookupError):
        pass
    return [process for process, session in _living() if session == leader.pid]


def name_of(pid: int) -> str | None:
    try:
        return (PROC / str(pid) / "comm").read_text().rstrip("\n")
    except (FileNotFoundError, ProcessLookupError):
        return None


def caught_signals(pid: int) -> frozenset[int]:
    """The signals for which the process has a handler at the moment; none when it is gone."""
    try:
        status = (PROC / str(pid) / "status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return frozenset()
    mask = int(next(line.split()[1] for line in status.splitlines() if line.startswith("SigCgt:")), 16)
    return frozenset(bit + 1 for bit in range(mask.bit_length()) if mask >> bit & 1)


def arguments_of(pid: int) -> list[str]:
    """The command line, which everyone may see; empty for a process that is gone."""
    try:
        return (PROC / str(pid) / "cmdline").read_bytes().decode(errors="surrogateescape").split("\0")
    except (FileNotFoundError, ProcessLookupError):
        return []


def _living() -> Iterator[tuple[ProcessId, int]]:
    for pid in (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()):
        try:
            fields = _stat(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] not in "ZX":
            yield ProcessId(pid, int(fields[START_FIELD])), int(fields[SESSION_FIELD])


def _stat(pid: int) -> list[str]:
    # The command's name stands in brackets and may hold anything, brackets too.
    return (PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
