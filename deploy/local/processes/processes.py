"""Which processes there are, by /proc: an identity that a recycled pid cannot fake, sessions, signals.

It must not know why anyone asks.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
PARENT_FIELD = 1  # of /proc/PID/stat, counted from the one after the command's name
SESSION_FIELD = 3
START_FIELD = 19
WANTING = "RD"  # it runs or waits for a core; it waits for the disk


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
    return any(living.identity == process for living in _living())


def in_session(leader: ProcessId) -> list[ProcessId]:
    """The living members of the session that this process began, even when it is gone itself. There are none
    when its number belongs to another process by now.
    """
    try:
        if identify(leader.pid) != leader:
            return []
    except (FileNotFoundError, ProcessLookupError):
        pass
    return [living.identity for living in _living() if living.session == leader.pid]


def want_to_work(leaders: frozenset[int]) -> bool:
    """Whether any thread of these processes runs, waits for a core, or waits for the disk at this moment, or
    one of their sessions or children does: PostgreSQL's backends begin sessions of their own.
    """
    members = [
        each.identity.pid for each in _living() if leaders & {each.identity.pid, each.session, each.parent}
    ]
    return any(state in WANTING for pid in members for state in _thread_states(pid))


def children_of(pid: int) -> list[int]:
    """Those of the threads that are still there: each may end at any moment, and so may the whole process."""
    children: list[int] = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in (PROC / str(pid) / "task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                children += map(int, (thread / "children").read_text().split())
    return children


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


@dataclass(frozen=True, slots=True)
class _Living:
    identity: ProcessId
    parent: int
    session: int


def _living() -> Iterator[_Living]:
    for pid in (int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()):
        try:
            fields = _stat(pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
        if fields[0] not in "ZX":
            identity = ProcessId(pid, int(fields[START_FIELD]))
            yield _Living(identity, int(fields[PARENT_FIELD]), int(fields[SESSION_FIELD]))


def _thread_states(pid: int) -> list[str]:
    """Of the threads that are still there, as in `children_of`."""
    states = []
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in (PROC / str(pid) / "task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                states.append(_fields(thread / "stat")[0])
    return states


def _stat(pid: int) -> list[str]:
    return _fields(PROC / str(pid) / "stat")


def _fields(stat: Path) -> list[str]:
    # The command's name stands in brackets and may hold anything, brackets too.
    return stat.read_text(errors="replace").rpartition(")")[2].split()
