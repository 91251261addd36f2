"""Takes from a decoder child what it does not need, by two means of the Linux kernel that ask for no rights:
Landlock closes all files but the code's, seccomp (`system_calls.py`) sockets, processes and whatever changes
a file. It knows nothing of pictures.
"""

import ctypes
import os
import struct
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from services.processor.decoders import system_calls
from services.processor.decoders.system_calls import answered, libc

PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # on every architecture
_VERSION = 1
_PATH_BENEATH = 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_ACCESSES = {1: 13, 2: 14, 3: 15, 4: 15}  # how many bits of file access a version of Landlock handles
_ACCESSES_SINCE_5 = 16
_TCP, _TCP_SINCE = 0b11, 4  # bind and connect
_SCOPES, _SCOPES_SINCE = 0b11, 6  # abstract sockets and signals of others

ROOT = Path(__file__).parents[3]
_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")


class Means(StrEnum):
    FILES = "landlock"
    CALLS = "seccomp"


def missing_means() -> Sequence[Means]:
    """What this kernel does not offer; a child goes without it."""
    has = {Means.FILES: _landlock_version() > 0, Means.CALLS: system_calls.are_there()}
    return [means for means, is_there in has.items() if not is_there]


def hide_from_children() -> None:
    """From now on no other process of this user reads our environment or memory in /proc, or traces us."""
    if sys.platform == "linux":
        libc().prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)


def confine() -> None:
    """For ever: this thread, and those that it starts, read the code and what is open already. Raises OSError
    where the kernel has the means and does not give it.
    """
    if sys.platform != "linux":
        return
    answered(libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    missing = missing_means()
    if Means.FILES not in missing:
        _close_files(_landlock_version())
    if Means.CALLS not in missing:
        system_calls.refuse()


def _landlock_version() -> int:
    if sys.platform != "linux":
        return 0
    return int(libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION))


def _close_files(version: int) -> None:
    handled = _handled(version)
    ruleset = answered(libc().syscall(_CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0))
    for path in _code():
        _allow_reading(ruleset, path)
    answered(libc().syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _handled(version: int) -> bytes:
    """The kernel's landlock_ruleset_attr, as long as this version knows it."""
    fields = [(1 << _ACCESSES.get(version, _ACCESSES_SINCE_5)) - 1]
    fields += [_TCP] if version >= _TCP_SINCE else []
    fields += [_SCOPES] if version >= _SCOPES_SINCE else []
    return struct.pack(f"={len(fields)}Q", *fields)


def _code() -> Iterator[str]:
    """Modules and libraries, some of which are loaded with the first picture that needs them."""
    yield from (str(ROOT / name) for name in ("services", "shared"))
    yield from (path for path in sys.path if path and Path(path).absolute() != ROOT)
    yield from (*_LIBRARIES, f"{sys.base_prefix}/lib")


def _allow_reading(ruleset: int, path: str) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # not everything is everywhere
        return
    allowed = _READ_FILE | _READ_FOLDER if Path(path).is_dir() else _READ_FILE
    rule = struct.pack("=Qi", allowed, folder)
    answered(libc().syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0))
    os.close(folder)
