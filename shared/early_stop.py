"""SIGTERM before a service has begun, or while another of its commands runs. The kernel keeps a signal that
was not asked for from the first process of a container: it would go on until it is killed.
"""

import signal
from types import FrameType

_OF_A_SIGNAL = 128  # as shells and containers tell an end by a signal


def end_when_told() -> None:
    """From now on, until `serve` takes the signal for itself. Called before the imports, which take most of a
    start.
    """
    signal.signal(signal.SIGTERM, _end)


def _end(number: int, _: FrameType | None) -> None:
    raise SystemExit(_OF_A_SIGNAL + number)
