"""The system calls that a confined child is refused, as a seccomp filter: whatever opens a socket, begins a
process, reaches into another one, or changes a file. Which files may be read is Landlock's part.
"""

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

_SET_MODE_FILTER, _ACTION_AVAILABLE = 1, 2
_ALLOW: Final = 0x7FFF0000
_ERRNO: Final = 0x00050000
_KILL: Final = 0x80000000

# The classic BPF of linux/filter.h and the offsets in struct seccomp_data.
_LOAD, _IS, _AT_LEAST, _HAS_BITS, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4
_FIRST_ARGUMENT_AT = 16  # little-endian: an argument's low half comes first

_X32 = 0x40000000  # x86_64 answers a second set of numbers from here on
_CLONE_THREAD = 0x00010000
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class _Numbers(NamedTuple):
    """Of one architecture; None where it has no such call."""

    architecture: int
    seccomp: int
    clone: int
    open: int | None
    openat: int
    prlimit64: int
    to_itself: Sequence[int]  # kill, tgkill
    refused: Sequence[int]


# The same everywhere: pidfd_send_signal, io_uring_setup, move_mount, fsopen, fsmount, open_tree, pidfd_open,
# pidfd_getfd, mount_setattr, fchmodat2, and the setxattrat and removexattrat of newer kernels.
_REFUSED_EVERYWHERE = (424, 425, 429, 430, 432, 428, 434, 438, 442, 452, 463, 466)
# clone3, openat2: what they ask for is behind a pointer; libraries go on without them.
_UNREADABLE = (435, 437)

_ARCHITECTURES = {
    "x86_64": _Numbers(
        architecture=0xC000003E,
        seccomp=317,
        clone=56,
        open=2,
        openat=257,
        prlimit64=302,
        to_itself=(62, 234),
        refused=(
            *(41, 42, 43, 49, 50, 53, 288),  # socket, connect, accept, bind, listen, socketpair, accept4
            *(57, 58, 59, 322),  # fork, vfork, execve, execveat
            # ptrace, process_vm_readv and _writev, tkill, rt_sigqueueinfo, rt_tgsigqueueinfo
            *(101, 310, 311, 200, 129, 297),
            *(29, 64, 68, 240),  # shmget, semget, msgget, mq_open
            # add_key, request_key, keyctl, perf_event_open, open_by_handle_at, bpf, userfaultfd
            *(248, 249, 250, 298, 304, 321, 323),
            *(155, 161, 165, 166, 272, 308),  # pivot_root, chroot, mount, umount2, unshare, setns
            *(76, 77, 82, 83, 84, 85, 86, 87, 88, 133),  # truncate, ftruncate, rename … symlink, mknod
            *(258, 259, 263, 264, 265, 266, 316),  # mkdirat, mknodat, unlinkat, renameat, linkat, symlinkat
            *(90, 91, 92, 93, 94, 260, 268),  # chmod, chown and what is like them
            *(188, 189, 190, 197, 198, 199),  # setxattr, removexattr
            *(132, 235, 261, 280),  # utime and what is like it
        ),
    ),
    "aarch64": _Numbers(
        architecture=0xC00000B7,
        seccomp=277,
        clone=220,
        open=None,
        openat=56,
        prlimit64=261,
        to_itself=(129, 131),
        refused=(
            *(198, 203, 202, 200, 201, 199, 242),
            *(221, 281),
            *(117, 270, 271, 130, 138, 240),
            *(194, 190, 186, 180),
            *(217, 218, 219, 241, 265, 280, 282),
            *(41, 51, 40, 39, 97, 268),
            *(45, 46),
            *(34, 33, 35, 38, 37, 36, 276),
            *(52, 53, 54, 55),
            *(5, 6, 7, 14, 15, 16),
            88,
        ),
    ),
}


def are_there() -> bool:
    """Whether this kernel filters, and the numbers of its calls are known here."""
    numbers = _numbers()
    if numbers is None:
        return False
    action = ctypes.c_uint32(_ERRNO)
    return bool(libc().syscall(numbers.seccomp, _ACTION_AVAILABLE, 0, ctypes.byref(action)) == 0)


def refuse() -> None:
    """For ever, in this thread and those that it starts. Needs PR_SET_NO_NEW_PRIVS, and `are_there`."""
    numbers = _ARCHITECTURES[os.uname().machine]
    steps = b"".join(_filter(numbers, os.getpid()))
    held = ctypes.create_string_buffer(steps, len(steps))
    program = struct.pack("@HP", len(steps) // 8, ctypes.addressof(held))
    answered(libc().syscall(numbers.seccomp, _SET_MODE_FILTER, 0, program))


def _numbers() -> _Numbers | None:
    return _ARCHITECTURES.get(os.uname().machine) if sys.platform == "linux" else None


def _filter(numbers: _Numbers, own_pid: int) -> Iterator[bytes]:
    refusal = _step(_RETURN, _ERRNO | errno.EPERM)
    yield _step(_LOAD, _ARCHITECTURE_AT)
    yield _step(_IS, numbers.architecture, if_not=0, if_so=1)
    yield _step(_RETURN, _KILL)
    yield _step(_LOAD, _NUMBER_AT)
    yield _step(_AT_LEAST, _X32, if_not=1)
    yield refusal
    for number in (*numbers.refused, *_REFUSED_EVERYWHERE):
        yield _step(_IS, number, if_not=1)
        yield refusal
    for number in _UNREADABLE:
        yield _step(_IS, number, if_not=1)
        yield _step(_RETURN, _ERRNO | errno.ENOSYS)
    yield from _with_bits(numbers.clone, 0, _CLONE_THREAD, have=_ALLOW, have_not=_ERRNO | errno.EPERM)
    yield from _with_bits(numbers.openat, 2, _WRITING, have=_ERRNO | errno.EPERM, have_not=_ALLOW)
    if numbers.open is not None:
        yield from _with_bits(numbers.open, 1, _WRITING, have=_ERRNO | errno.EPERM, have_not=_ALLOW)
    for number in numbers.to_itself:
        yield from _with_first(number, (own_pid,))
    yield from _with_first(numbers.prlimit64, (0, own_pid))
    yield _step(_RETURN, _ALLOW)


def _with_bits(number: int, argument: int, bits: int, *, have: int, have_not: int) -> Iterator[bytes]:
    yield _step(_IS, number, if_not=4)
    yield _step(_LOAD, _FIRST_ARGUMENT_AT + 8 * argument)
    yield _step(_HAS_BITS, bits, if_not=1)
    yield _step(_RETURN, have)
    yield _step(_RETURN, have_not)


def _with_first(number: int, allowed: Sequence[int]) -> Iterator[bytes]:
    """Only with one of these as its first argument."""
    yield _step(_IS, number, if_not=2 + 2 * len(allowed))
    yield _step(_LOAD, _FIRST_ARGUMENT_AT)
    for value in allowed:
        yield _step(_IS, value, if_not=1)
        yield _step(_RETURN, _ALLOW)
    yield _step(_RETURN, _ERRNO | errno.EPERM)


def _step(code: int, value: int, *, if_so: int = 0, if_not: int = 0) -> bytes:
    """The kernel's sock_filter: how many steps to skip if so, and if not."""
    return struct.pack("=HBBI", code, if_so, if_not, value)


def libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def answered(result: int) -> int:
    """What the kernel answered; raises OSError where that says why not."""
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
