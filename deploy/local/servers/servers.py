"""What the broker and the database have in common for whoever starts them."""

import time
from collections.abc import Callable
from typing import Protocol

from deploy.local.processes.child import POLL_SECONDS, Child, Pause, Program, ProgramFailed

RunToEnd = Callable[[Program, float], object]


class Server(Protocol):
    def prepare(self, run: RunToEnd) -> None:
        """Lays out the data folder unless that was done before."""

    def program(self) -> Program:
        """What to start; only after `prepare`."""

    def is_ready(self) -> bool:
        """Whether it serves clients now; answers within a second."""


def wait_until_ready(
    child: Child, is_ready: Callable[[], bool], *, seconds: float, pause: Pause = time.sleep
) -> None:
    """Returns when it is ready; `ProgramFailed` when it died or took too long."""
    deadline = time.monotonic() + seconds
    while not is_ready():
        if (status := child.status()) is not None:
            raise ProgramFailed(f"{child.program.name} died at start: {child.last_words()}", status)
        if time.monotonic() > deadline:
            raise ProgramFailed(
                f"{child.program.name} was not ready within {seconds:.0f} s; see {child.program.log}"
            )
        pause(POLL_SECONDS)
