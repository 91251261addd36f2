"""Judges why a child ended in the middle of an image: because of it, or of something of ours (pure)."""

import signal
from collections.abc import Sequence
from enum import Enum, IntEnum, auto

TRIES = 2
# What an image can do to its child. Any other signal is sent by somebody: a kernel short of memory, a person.
_OF_THE_IMAGE = frozenset({"SIGSEGV", "SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSYS", "SIGTRAP"})


class ExitStatus(IntEnum):
    """How a child ends by itself."""

    CODEC_RAISED = 3  # the image was too much for the codec: MemoryError, mostly
    LACKS_LIBRARY = 4  # its installation is at fault


class End(Enum):
    OVERRAN = auto()  # its CPU seconds
    CRASHED = auto()
    NEVER_STARTED = auto()
    STOOD_STILL = auto()
    KILLED = auto()  # from outside
    LACKED_LIBRARY = auto()

    @property
    def is_of_the_image(self) -> bool:
        return self in {End.OVERRAN, End.CRASHED}


def end_of(status: int | None, *, was_ready: bool, stood_still: bool) -> End:
    """`status` as the subprocess module tells it: negative for a signal."""
    if not was_ready:
        return End.NEVER_STARTED
    if stood_still:
        return End.STOOD_STILL
    if status == ExitStatus.LACKS_LIBRARY:
        return End.LACKED_LIBRARY
    if status == -signal.SIGXCPU:
        return End.OVERRAN
    if status is not None and (status > 0 or _signal_name(-status) in _OF_THE_IMAGE):
        return End.CRASHED
    return End.KILLED


def is_enough(ends: Sequence[End]) -> bool:
    """Whether another try is of no use. CPU is counted by the kernel: once is proof."""
    return len(ends) >= TRIES or End.OVERRAN in ends


def is_failure(ends: Sequence[End]) -> bool:
    """Whether the image is to blame: each end must say so."""
    return End.OVERRAN in ends or all(end.is_of_the_image for end in ends)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return ""
