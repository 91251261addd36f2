"""A service that takes a while to end."""

import signal
import sys
import time
from types import FrameType

from tests.system.stand_ins.ready import serve


def drain(_number: int, _frame: FrameType | None) -> None:
    time.sleep(3)
    sys.exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, drain)
    serve()
