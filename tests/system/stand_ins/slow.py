"""A service that says when it is told to end, and ends when SIGUSR1 lets it."""

import signal
import sys
from types import FrameType

from tests.system.stand_ins.ready import serve

TOLD = "told to end"


def drain(_number: int, _frame: FrameType | None) -> None:
    sys.stdout.write(f"{TOLD}\n")
    sys.stdout.flush()
    signal.sigwait({signal.SIGUSR1})
    sys.exit(0)


if __name__ == "__main__":
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    signal.signal(signal.SIGTERM, drain)
    serve()
