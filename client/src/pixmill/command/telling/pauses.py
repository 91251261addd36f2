"""Says why a call waits before it is tried again; of several that wait for the same at a time, once."""

import time
from collections.abc import Callable
from threading import Lock

from pixmill.command.telling.output import Output


class Pauses:
    """Threads may share it: images are fetched in several."""

    def __init__(self, out: Output, clock: Callable[[], float] = time.monotonic) -> None:
        self._out, self._clock = out, clock
        self._lock = Lock()
        self._said, self._until = "", 0.0

    def say(self, error: Exception, seconds: float) -> None:
        """Nothing while a pause for the same reason is told and not over."""
        with self._lock:
            now = self._clock()
            if str(error) == self._said and now < self._until:
                return
            self._said, self._until = str(error), now + seconds
        when = f"in {seconds:.0f} s …" if seconds >= 1 else "…"
        self._out.note(f"{error} Trying again {when}")
