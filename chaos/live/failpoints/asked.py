"""What a service waits for, written to its log when it gets SIGUSR1: for whoever asks why it stands still."""

import asyncio
import signal
import sys
from types import FrameType

ASK = signal.SIGUSR1


def answer_when_asked() -> None:
    signal.signal(ASK, _tell_tasks)


def _tell_tasks(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as a handler is called
    for task in asyncio.all_tasks(asyncio.get_running_loop()):
        print(f"task {task.get_name()}", file=sys.stderr)
        _tell_chain(task.get_coro())
    sys.stderr.flush()


def _tell_chain(waiting: object) -> None:
    """From the outermost coroutine to what it waits for in the end."""
    while waiting is not None:
        frame = getattr(waiting, "cr_frame", None) or getattr(waiting, "ag_frame", None)
        place = f" {frame.f_code.co_filename}:{frame.f_lineno}" if frame else ""
        print(f"  {getattr(waiting, '__qualname__', repr(waiting)[:200])}{place}", file=sys.stderr)
        waiting = getattr(waiting, "cr_await", None) or getattr(waiting, "ag_await", None)
