"""Becomes a child of the local stack: ties itself to its parent's life, gives way and gives up root if asked,
and execs.

It runs in a fresh, isolated interpreter instead of between fork and exec, where Python code is not safe.
It must import nothing but the standard library and must not know what it starts.
"""

import ctypes
import os
import pathlib
import pwd
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_KEEPCAPS = 8
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522
TRIES = 30

_libc = ctypes.CDLL(None, use_errno=True)


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilitySet(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def main(parent: str, death_signal: str, account: str, folders: str, niceness: str, *command: str) -> None:
    """`account` may be empty (stay who you are); `folders` is "open" or "closed" (pass closed parents)."""
    if int(niceness):
        _give_way(int(niceness))
    if account:
        _become(account, pass_closed_folders=folders == "closed")
    # Set after the change of identity, which clears it; a parent that died before is noticed below.
    _prctl(PR_SET_PDEATHSIG, signal.Signals[death_signal])
    if os.getppid() != int(parent):
        sys.exit("the parent is gone")
    os.execv(command[0], command)  # noqa: S606 - no shell is wanted


def _give_way(niceness: int) -> None:
    """Many kernels share the processor among sessions first. There a process's own niceness counts only
    inside its session, so the session's is set too.
    """
    os.nice(niceness)
    for _ in range(TRIES):
        try:
            pathlib.Path("/proc/self/autogroup").write_text(str(niceness))
        except BlockingIOError:  # the kernel takes ten of these a second from all users but root
            time.sleep(0.1)
        except OSError:
            return  # a kernel without them, or they are not ours to change
        else:
            return


def _become(account: str, *, pass_closed_folders: bool) -> None:
    entry = pwd.getpwnam(account)
    if pass_closed_folders:
        _prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
    os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
    if pass_closed_folders:
        _keep_only(CAP_DAC_OVERRIDE)


def _keep_only(capability: int) -> None:
    """The one capability survives exec as an ambient one. Permitted equals ambient, or the loader would
    take the program for a set-uid one and ignore where its libraries lie.
    """
    mask = 1 << capability
    header = _CapabilityHeader(CAPABILITY_VERSION_3, 0)
    sets = (_CapabilitySet * 2)(_CapabilitySet(mask, mask, mask), _CapabilitySet(0, 0, 0))
    if _libc.capset(ctypes.byref(header), sets) != 0:
        raise OSError(ctypes.get_errno(), "capset failed")
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability)


def _prctl(option: int, *arguments: int) -> None:
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    if _libc.prctl(option, *padded) != 0:
        raise OSError(ctypes.get_errno(), f"prctl {option} failed")


if __name__ == "__main__":
    main(*sys.argv[1:])
