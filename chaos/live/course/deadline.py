"""How far a run is, and the end of one that takes too long, whatever it is at."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

TOOK_TOO_LONG = 1


class Step(StrEnum):
    STARTING = "starting the world"
    WARMING_UP = "waiting for the first requests to end"
    ATTACKING = "attacking"
    CALMING_DOWN = "waiting for callers to go home"
    SETTLING = "waiting for the end of all work"
    LOOKING = "taking the last look"
    GATHERING = "gathering what is left"
    JUDGING = "judging"
    STOPPING = "stopping the world"


@dataclass(slots=True)
class Steps:
    now: Step = Step.STARTING


@contextmanager
def deadline(seconds: float, steps: Steps) -> Iterator[None]:
    """Ends this process when the block takes longer, and tells at which step it was. It asks nothing to stop:
    that may be what the run hangs in.
    """

    def end() -> None:
        print(f"not done after {seconds:g} s: it was {steps.now}", flush=True)
        os._exit(TOOK_TOO_LONG)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
