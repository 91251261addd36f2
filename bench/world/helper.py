"""A process that helps a measurement from outside of this one, and ends with it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bench.figures import WrongResult

STOP_SECONDS = 10.0


@contextmanager
def helper(module: str, *arguments: str) -> Iterator[str]:
    """Runs while the block does; gives the line by which it says that it is ready."""
    with subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdin=subprocess.PIPE,  # it ends with us: this pipe is closed even after a kill -9
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is our business
    ) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline().strip()
            if not line:
                raise WrongResult(f"{module} did not start")
            yield line
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)
