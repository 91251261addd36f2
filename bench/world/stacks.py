"""Stacks to measure, each in a folder that is gone afterwards; and the signals that end a run."""

import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from bench.figures import say
from deploy.local.own_stack import OwnStack, own_stack

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Stacks:
    processors: int
    most_images: int = 1_000_000  # of one request, where that is measured

    @contextmanager
    def open(self, **variables: str) -> Iterator[OwnStack]:
        """A signal that comes while the stack stops waits until it has stopped."""
        say("starting a stack")
        try:
            with (
                tempfile.TemporaryDirectory(prefix="pixmill-bench-", ignore_cleanup_errors=True) as folder,
                own_stack(Path(folder), **{"PROCESSORS": str(self.processors), **variables}) as stack,
            ):
                try:
                    yield stack
                finally:
                    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOP_SIGNALS)


def stop_once_on_signals() -> None:
    """The first one is a KeyboardInterrupt; the orderly stop that follows is not disturbed by another."""
    for number in STOP_SIGNALS:
        signal.signal(number, _stop)


def _stop(_number: int, _frame: FrameType | None) -> None:
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt
