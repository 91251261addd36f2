"""Ctrl-C or SIGTERM before a service has begun, or while another command runs. The kernel keeps a signal that
was not asked for from the first process of a container: it would go on until it is killed.
"""

import signal
from types import FrameType

_OF_A_SIGNAL = 128  # as shells and containers tell an end by a signal


def end_when_told() -> None:
    """From now on, until `serve` takes the signals for itself. A service calls it before its imports, which
    take most of a start.
    """
    for signum in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signum, _end)


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(_OF_A_SIGNAL + number)
