"""The lines that the person at the terminal reads, and the signals that this person sends.

It must not know what is started or stopped.
"""

import os
import signal
import sys
import time
from types import FrameType
from typing import TextIO

from deploy.local.processes.make_parent import find_make_parent

COMPLAINT = "pixmill: "
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequested(Exception):  # noqa: N818 - an event, not an error
    """Somebody asked us to stop."""


class StopRequest:
    """Remembers that a stop was asked for. Asking again changes nothing: the orderly stop goes on."""

    def __init__(self) -> None:
        self._asked = False
        self._make = find_make_parent()

    def listen(self) -> None:
        for number in STOP_SIGNALS:
            signal.signal(number, self._remember)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup stays what it is
            signal.signal(signal.SIGHUP, self._remember)

    def pause(self, seconds: float) -> None:
        """Sleeps; raises `StopRequested` once a stop was asked for. The only place where that happens."""
        if not self._asked:
            time.sleep(seconds)
        if self._asked or (self._make and self._make.wants_a_stop()):
            raise StopRequested

    def _remember(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True


def say(line: str) -> None:
    """Tells the person. A terminal that was closed meanwhile must not disturb the orderly stop."""
    _write(sys.stdout, line)


def complain(line: str) -> None:
    _write(sys.stderr, COMPLAINT + line)


def _write(stream: TextIO, line: str) -> None:
    try:
        print(line, file=stream, flush=True)
    except BrokenPipeError:
        # What it still holds would fail once more at the end of the process, and be its exit code.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
    except OSError:
        return
