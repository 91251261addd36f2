"""What the broker and the database have in common for whoever starts them."""

import time
from collections.abc import Callable
from typing import Protocol

from deploy.local.processes.child import (
    POLL_SECONDS,
    Child,
    Pause,
    Program,
    ProgramFailed,
    Sessions,
    how_it_ended,
    in_brackets,
)
from deploy.local.processes.patience import Patience

RunToEnd = Callable[[Program, float], object]


class Server(Protocol):
    def prepare(self, run: RunToEnd) -> None:
        """Lays out the data folder unless that was done before."""

    def program(self) -> Program:
        """What to start; only after `prepare`."""

    def is_ready(self) -> bool:
        """Whether it serves clients now; answers within a second."""


def wait_until_ready(
    child: Child,
    is_ready: Callable[[], bool],
    *,
    seconds: float,
    pause: Pause = time.sleep,
    beside: Sessions = tuple,
    lacks: Callable[[], str] = str,
) -> None:
    """Returns when it is ready; `ProgramFailed` when it died, or was not ready and stood still for so many
    seconds. It does not stand still while those `beside` it work, whom it may need. `lacks` is what it says
    that it lacks.
    """
    patience = Patience(sessions=lambda: (child.pid, *beside()), seconds=seconds)
    while not is_ready():
        if (status := child.status()) is not None:
            ended = how_it_ended(status)
            raise ProgramFailed(f"{child.program.name} died at start: {ended}{child.last_lines()}", status)
        if cause := patience.exhausted():
            why = in_brackets(lacks())
            raise ProgramFailed(f"{child.program.name} is not ready{why}, and {cause}{child.last_lines()}")
        pause(POLL_SECONDS)
